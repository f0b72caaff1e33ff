import { type CancellationContext, ERRORS, Metadata, Upload } from '@tus/utils'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../errors.ts'
import { checkOf } from './checksum.ts'
import { parseConcat } from './concatenation.ts'
import { type UploadMetadata, validateMetadata } from './metadata.ts'
import { requestBody } from './request-body.ts'
import { TusHandler } from './tus-handler.ts'
import { bytesHeader, locked, nodeRequest, OFFSET_STREAM, type TusRequest } from './tus-request.ts'
import type { UploadRow } from './upload-rows.ts'
import { uploaderOf } from './uploader.ts'

/** POST: creation, with or without the first bytes (tus 1.0.0, Creation, Creation With Upload). */
export class PostHandler extends TusHandler {
  async send(request: TusRequest, context: CancellationContext, headers: Headers): Promise<Response> {
    const { store, locks, finals, maxSize, publicUrl = '' } = this.parts
    const concat = parseConcat(request.headers)
    const length = concat?.kind === 'final' ? noLength(request) : this.#length(request)
    const metadata = metadataOf(request)
    const raw = nodeRequest(request)
    const check = checkOf(raw)
    const upload = new Upload({
      id: uuid(),
      offset: 0,
      metadata,
      ...(length !== undefined && { size: length }),
    })
    const uploader = uploaderOf(raw)
    store.attribute(upload, this.parts.requestIdOf(request.headers), uploader)
    // Locked before it is created, so that nothing finds it half made.
    const row = await locked(locks, upload.id, context, async (): Promise<UploadRow> => {
      if (concat?.kind === 'final')
        return finals.create(upload, concat.parts, { owner: uploader.owner, maxSize })
      await store.create(upload, concat)
      const row = await store.open(upload.id)
      if (request.headers.get('content-type') !== OFFSET_STREAM || row.finished_at) return row
      const limit = (length ?? maxSize) - row.offset
      if ((bytesHeader(request.headers, 'Content-Length') ?? 0) > limit) throw ERRORS.ERR_SIZE_EXCEEDED
      const written = await store.append(row, requestBody(raw, { signal: context.signal, limit }), check)
      headers.set('Upload-Offset', String(written.offset))
      return written
    })
    headers.set('Location', `${publicUrl}/uploads/${row.id}${uploader.link?.query ?? ''}`)
    if (!row.finished_at) headers.set('Upload-Expires', row.expires_at.toUTCString())
    return new Response(null, { status: 201, headers })
  }

  /** @returns undefined where it is deferred. @throws ApiError 400, 413 */
  #length({ headers }: TusRequest): number | undefined {
    const length = bytesHeader(headers, 'Upload-Length')
    if ((length === undefined) === (headers.get('Upload-Defer-Length') === null)) throw ERRORS.INVALID_LENGTH
    if (length !== undefined && length > this.parts.maxSize) throw ERRORS.ERR_MAX_SIZE_EXCEEDED
    return length
  }
}

/** "The Client MUST NOT include the Upload-Length header in the final upload creation": it is what the parts make. */
function noLength({ headers }: TusRequest): undefined {
  if (headers.get('Upload-Length') !== null || headers.get('Upload-Defer-Length') !== null)
    throw ERRORS.INVALID_LENGTH
}

function metadataOf({ headers }: TusRequest): UploadMetadata {
  const header = headers.get('Upload-Metadata')
  const metadata = header ? parse(header) : {}
  validateMetadata(metadata)
  return metadata
}

function parse(header: string): UploadMetadata {
  try {
    return Metadata.parse(header) as UploadMetadata
  } catch {
    throw new ApiError(
      400,
      'invalid_metadata',
      'Upload-Metadata must be pairs of a key and its value in base64.',
      'Upload-Metadata',
    )
  }
}
