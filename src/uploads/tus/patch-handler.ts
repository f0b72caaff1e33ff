import type { IncomingMessage } from 'node:http'
import { type CancellationContext, ERRORS } from '@tus/utils'
import { ApiError } from '../../base/errors.ts'
import { checkOf } from '../core/checksum.ts'
import { accepts } from '../core/promised-offsets.ts'
import { expiresHeader, type UploadRow } from '../core/upload-rows.ts'
import { takeTusBody } from './append-tus-body.ts'
import { TusHandler } from './tus-handler.ts'
import { bytesHeader, locked, nodeRequest, type TusRequest, uploadIdOf } from './tus-request.ts'

/** PATCH: raw request → batched writes → sync → one statement (tus 1.0.0, Core Protocol). */
export class PatchHandler extends TusHandler {
  async send(request: TusRequest, context: CancellationContext, headers: Headers): Promise<Response> {
    const { store, locks } = this.parts
    const id = uploadIdOf(request.url)
    if (!id) throw ERRORS.FILE_NOT_FOUND
    const raw = nodeRequest(request)
    const offset = bytesHeader(raw.headers, 'Upload-Offset')
    if (offset === undefined)
      throw new ApiError(400, 'invalid_header', 'Upload-Offset is missing.', 'Upload-Offset')
    const length = bytesHeader(raw.headers, 'Upload-Length')
    const check = checkOf(raw)
    const { row, end } = await locked(locks, id, context, async holder => {
      let row = await store.openAt(id, offset)
      // "The Server MUST respond with the 403 Forbidden status to PATCH requests against a final upload URL"
      if (row.concat === 'final')
        throw new ApiError(403, 'final_upload', 'A final upload is made of its parts: it takes no bytes.')
      // "If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying the upload resource."
      if (!accepts(row, offset)) throw ERRORS.INVALID_OFFSET
      const opened = row
      if (length !== undefined) row = await this.#declare(row, length, offset)
      const limit = this.#room(raw, row, offset)
      const written = await takeTusBody(store, raw, { row, holder, context, from: offset, limit, check })
      return { row: await store.promises.acknowledge(opened, written), end: written.end }
    })
    // "The new offset MUST be the sum of the offset before the PATCH request and the number of bytes received and processed".
    headers.set('Upload-Offset', String(end))
    const expires = expiresHeader(row)
    if (expires) headers.set('Upload-Expires', expires)
    return new Response(null, { status: 204, headers })
  }

  /** The length is kept before the body is read: clients leave it out when they repeat the last piece (tus-js-client #794). */
  async #declare(row: UploadRow, length: number, from: number): Promise<UploadRow> {
    const { store, maxSize } = this.parts
    if (row.length === length) return row
    if (row.length !== null)
      throw invalidLength(`The upload has ${row.length} bytes: its length cannot be changed.`)
    const tooShort = () => invalidLength(`The upload has ${row.offset} bytes already: it cannot be shorter.`)
    if (length < from) throw tooShort()
    if (length < row.offset) {
      // Another writer has brought more than all.
      const rewound = await store.promises.rewind(row.id, length)
      if (!rewound) throw tooShort()
      return this.#declare(rewound, length, from)
    }
    if (length > maxSize) throw ERRORS.ERR_MAX_SIZE_EXCEEDED
    await store.declareUploadLength(row.id, length)
    return { ...row, length }
  }

  /** Bytes that may still come. @throws ERR_SIZE_EXCEEDED where the body says that it is larger. */
  #room({ headers }: IncomingMessage, row: UploadRow, from: number): number {
    const room = (row.length ?? this.parts.maxSize) - from
    const announced = bytesHeader(headers, 'Content-Length')
    if (announced !== undefined && announced > room) throw ERRORS.ERR_SIZE_EXCEEDED
    return room
  }
}

function invalidLength(message: string): ApiError {
  return new ApiError(400, 'inconsistent_length', message, 'Upload-Length')
}
