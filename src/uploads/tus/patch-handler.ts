import type { IncomingHttpHeaders } from 'node:http'
import type { CancellationContext } from '@tus/utils'
import { ApiError } from '../../base/errors.ts'
import { accepts } from '../core/promised-offsets.ts'
import { bodyTooLarge, uploadNotFound } from '../core/upload-errors.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { Hold } from '../locks/upload-locks.ts'
import { appendTusBody } from './append-tus-body.ts'
import { checkOf } from './checksum-header.ts'
import { expiresHeader } from './expires-header.ts'
import { lockOptions, TusHandler } from './tus-handler.ts'
import { bytesHeader } from './tus-request.ts'

/** PATCH: appends the body to the upload (tus 1.0.0, Core Protocol). */
export class PatchHandler extends TusHandler {
  protected async handle(
    request: UploadRequest,
    cancellation: CancellationContext,
    responseHeaders: Headers,
  ): Promise<number> {
    const { store, locks } = this.deps
    const { id, raw, headers, context } = request
    if (!id) throw uploadNotFound()
    const offset = bytesHeader(headers, 'Upload-Offset')
    if (offset === undefined)
      throw new ApiError(400, 'invalid_header', 'Upload-Offset is missing.', 'Upload-Offset')
    const length = bytesHeader(headers, 'Upload-Length')
    const check = checkOf(raw)
    const append = async (hold: Hold) => {
      let row = await store.openAt(id, offset)
      // "The Server MUST respond with the 403 Forbidden status to PATCH requests against a final upload URL"
      if (row.concat === 'final')
        throw new ApiError(403, 'final_upload', 'A final upload consists of its parts. It accepts no bytes.')
      // "If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying the upload resource."
      if (!accepts(row, offset))
        throw new ApiError(409, 'conflict', `The upload is not at offset ${offset}.`, 'Upload-Offset')
      const opened = row
      if (length !== undefined) row = await this.#declare(row, length, offset, context.maxSize)
      const limit = (row.length ?? context.maxSize) - offset
      requireFitting(headers, limit)
      const { signal } = cancellation
      const written = await appendTusBody(store, request, { row, hold, signal, from: offset, limit, check })
      return { row: await store.promises.acknowledge(opened, written), end: written.end }
    }
    const { row, end } = await locks.run(id, append, lockOptions(cancellation))
    // "The new offset MUST be the sum of the offset before the PATCH request and the number of bytes received and processed".
    responseHeaders.set('Upload-Offset', String(end))
    const expires = expiresHeader(row)
    if (expires) responseHeaders.set('Upload-Expires', expires)
    return 204
  }

  /** Saves the length before the body is read, because clients omit it when they repeat the last bytes (tus-js-client #794). */
  async #declare(row: UploadRow, length: number, from: number, maxSize: number): Promise<UploadRow> {
    const { store } = this.deps
    if (row.length === length) return row
    if (row.length !== null)
      throw invalidLength(`The length of the upload is ${row.length} bytes and cannot be changed.`)
    const tooShort = () => invalidLength(`The upload already has ${row.offset} bytes. It cannot be shorter.`)
    if (length < from) throw tooShort()
    if (length < row.offset) {
      // Another writer has sent bytes beyond the length.
      const rewound = await store.promises.rewind(row.id, length)
      if (!rewound) throw tooShort()
      return this.#declare(rewound, length, from, maxSize)
    }
    if (length > maxSize) throw bodyTooLarge()
    await store.declareUploadLength(row.id, length)
    return { ...row, length }
  }
}

/** @param limit maximum size of the body in bytes. @throws ApiError 413 if Content-Length is larger. */
function requireFitting(headers: IncomingHttpHeaders, limit: number): void {
  if ((bytesHeader(headers, 'Content-Length') ?? 0) > limit) throw bodyTooLarge()
}

function invalidLength(message: string): ApiError {
  return new ApiError(400, 'inconsistent_length', message, 'Upload-Length')
}
