import type { IncomingHttpHeaders } from 'node:http'
import { TUS_RESUMABLE } from '@tus/utils'
import { ApiError } from '../../base/errors.ts'
import { fieldOf } from '../../base/header-fields.ts'
import type { UploadRequest } from '../core/upload-request.ts'

export const OFFSET_STREAM = 'application/offset+octet-stream'

/**
 * The request that @tus/server gets. Of the client's headers it contains only the version, because @tus/server rejects headers that clients
 * and proxies send (an empty Upload-Metadata, a media type in upper case, some values of X-Forwarded-Proto). Our handlers read `upload`.
 */
export class TusRequest extends Request {
  readonly upload: UploadRequest
  /** The error that the handler threw. */
  error: unknown

  constructor(upload: UploadRequest) {
    // A fixed path instead of the client's: @tus/server and our router could find different ids in the same path.
    super('http://localhost/uploads', { method: upload.method, headers: { 'tus-resumable': TUS_RESUMABLE } })
    this.upload = upload
  }
}

/**
 * Reads a header with a number of bytes: only digits, at most 2^53-1. (@tus/server reads `1e+21` as 1.)
 * @returns undefined if it is absent or empty. @throws ApiError 400
 */
export function bytesHeader(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = fieldOf(headers, name)
  if (value === undefined) return undefined
  if (/^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  throw new ApiError(400, 'invalid_header', `${name} must be a whole number of bytes.`, name)
}
