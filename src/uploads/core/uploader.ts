import type { IncomingMessage } from 'node:http'

/** Who makes an upload. */
export interface Uploader {
  readonly owner: string | null
  /** By which it is made, in place of a key. */
  readonly link?: UploaderLink | undefined
}

export interface UploaderLink {
  readonly id: string
  /** Bytes that the upload may have. */
  readonly maxSize: number
  /** What goes with the upload's path, so that whoever follows it is known. */
  readonly query: string
}

const uploaders = new WeakMap<IncomingMessage, Uploader>()

/** Notes who a request comes from; the upload protocols read and answer the raw request. */
export function noteUploader(request: IncomingMessage, uploader: Uploader): void {
  uploaders.set(request, uploader)
}

/** @throws Error where nobody has asked who it is. */
export function uploaderOf(request: IncomingMessage): Uploader {
  const uploader = uploaders.get(request)
  if (!uploader) throw new Error('nobody has asked who sends this')
  return uploader
}
