import type { IncomingHttpHeaders } from 'node:http'
import { TUS_RESUMABLE } from '@tus/utils'
import { ApiError } from '../../base/errors.ts'
import { fieldOf } from '../../base/header-fields.ts'
import type { UploadRequest } from '../core/upload-request.ts'

export const OFFSET_STREAM = 'application/offset+octet-stream'

/**
 * The request that @tus/server sees. It has no headers of the client's besides the version: @tus/server checks headers more strictly than
 * clients write them (an empty Upload-Metadata, a media type in upper case, the X-Forwarded-Proto of some proxies). Our handlers read `upload`.
 */
export class TusRequest extends Request {
  readonly upload: UploadRequest
  /** What the handler threw. */
  error: unknown

  constructor(upload: UploadRequest) {
    // The path is not the client's: @tus/server and our router could read one path as two different uploads.
    super('http://localhost/uploads', { method: upload.method, headers: { 'tus-resumable': TUS_RESUMABLE } })
    this.upload = upload
  }
}

/**
 * A header that counts bytes: digits only, up to 2^53-1. (@tus/server takes `1e+21` as 1.)
 * @returns undefined if it is absent or empty. @throws ApiError 400
 */
export function bytesHeader(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = fieldOf(headers, name)
  if (value === undefined) return undefined
  if (/^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  throw new ApiError(400, 'invalid_header', `${name} must be a whole number of bytes.`, name)
}
