import { DetailedError, Upload, type UploadOptions } from 'tus-js-client'

export interface TusUpload {
  readonly upload: Upload
  /** The id of the upload, and of the video that it becomes, once tus-js-client reports success. */
  readonly done: Promise<string>
}

/** Begins an upload with the real tus-js-client; `start: false` leaves that to the caller. */
export function tusUpload(
  origin: string,
  input: Upload['file'] | NodeJS.ReadableStream,
  { start = true, ...options }: UploadOptions & { start?: boolean } = {},
): TusUpload {
  const { promise: done, resolve, reject } = Promise.withResolvers<string>()
  const upload: Upload = new Upload(input as Upload['file'], {
    endpoint: `${origin}/uploads`,
    retryDelays: null,
    ...options,
    onSuccess: () => resolve(uploadId(upload.url)),
    onError: reject,
  })
  // Of an upload that is aborted nobody waits for the end.
  done.catch(() => {})
  if (start) upload.start()
  return { upload, done }
}

export function uploadId(url: string | null | undefined): string {
  const id = url?.split('/').at(-1)
  if (!id) throw new Error(`There is no id in ${url}`)
  return id
}

/** The HTTP status with which the server has refused something to tus-js-client. */
export function refusalOf(error: unknown): number | undefined {
  return error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined
}
