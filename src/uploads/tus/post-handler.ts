import type { IncomingMessage } from 'node:http'
import { type CancellationContext, ERRORS, Upload } from '@tus/utils'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { fieldOf, isMediaType } from '../../base/header-fields.ts'
import { checkOf } from '../core/checksum.ts'
import { parseConcat } from '../core/concatenation.ts'
import { onceOf } from '../core/creation.ts'
import { createOnce } from '../core/repeat-creation.ts'
import { bringsBytes } from '../core/request-body.ts'
import { expiresHeader, type UploadRow } from '../core/upload-rows.ts'
import { uploaderOf } from '../core/uploader.ts'
import { takeTusBody } from './append-tus-body.ts'
import { parseUploadMetadata } from './metadata-header.ts'
import { TusHandler } from './tus-handler.ts'
import { bytesHeader, type LockHolder, nodeRequest, OFFSET_STREAM, type TusRequest } from './tus-request.ts'

/** POST: creation, with or without the first bytes (tus 1.0.0, Creation, Creation With Upload). */
export class PostHandler extends TusHandler {
  async send(request: TusRequest, context: CancellationContext, headers: Headers): Promise<Response> {
    const { store, finals, maxSize, publicUrl = '' } = this.parts
    const raw = nodeRequest(request)
    const concat = parseConcat(raw.headers)
    const isFinal = concat?.kind === 'final'
    const length = isFinal ? noLength(raw) : this.#length(raw)
    const limit = isFinal ? 0 : (length ?? maxSize)
    const check = checkOf(raw)
    await requireFitting(raw, limit)
    const metadata = parseUploadMetadata(fieldOf(raw.headers, 'Upload-Metadata'))
    const upload = new Upload({
      id: uuid(),
      offset: 0,
      metadata,
      ...(length !== undefined && { size: length }),
    })
    const uploader = uploaderOf(raw)
    store.attribute(upload, this.parts.requestIdOf(request.headers), uploader)
    const locationOf = (id: string) => `${publicUrl}/uploads/${id}${uploader.link?.query ?? ''}`
    const once = onceOf(raw.headers, uploader, { metadata, length, concat })
    const isBody = isMediaType(raw.headers['content-type'], OFFSET_STREAM)
    const take = async (row: UploadRow, holder: LockHolder): Promise<UploadRow> => {
      // Also when the body is cut off: there is an upload then.
      headers.set('Location', locationOf(row.id))
      const written = await takeTusBody(store, raw, { row, holder, context, from: 0, limit, check })
      return { ...(await store.promises.acknowledge(row, written)), offset: written.end }
    }
    const create = async (holder: LockHolder): Promise<UploadRow> => {
      if (concat?.kind === 'final')
        return finals.create(upload, concat.parts, { owner: uploader.owner, maxSize, once })
      await store.create(upload, concat, { once })
      const row = await store.open(upload.id)
      return isBody && !row.finished_at ? take(row, holder) : row
    }
    const again = async (row: UploadRow, holder: LockHolder): Promise<UploadRow> => {
      headers.set('Idempotency-Replayed', 'true')
      if (row.concat === 'final') await finals.layOut(row.id)
      else if (isBody) return take(row, holder)
      return store.tell(row.id)
    }
    // Locked before it is created, so that nothing finds it half made.
    const declared = { length, metadata }
    const row = await createOnce(this.parts, { id: upload.id, context, declared }, create, again)
    headers.set('Location', locationOf(row.id))
    if (!isFinal || row.finished_at) headers.set('Upload-Offset', String(row.offset))
    const expires = expiresHeader(row)
    if (expires) headers.set('Upload-Expires', expires)
    return new Response(null, { status: 201, headers })
  }

  /** @returns undefined if the client tells it later. @throws ApiError 400, 413 */
  #length({ headers }: IncomingMessage): number | undefined {
    const length = bytesHeader(headers, 'Upload-Length')
    const deferred = fieldOf(headers, 'Upload-Defer-Length')
    if (deferred !== undefined && deferred !== '1')
      throw invalid('Upload-Defer-Length', 'Upload-Defer-Length must be 1.')
    if ((length === undefined) === (deferred === undefined))
      throw invalid(
        'Upload-Length',
        'A creation needs either Upload-Length, or Upload-Defer-Length: 1 if the length is not known yet.',
      )
    if (length !== undefined && length > this.parts.maxSize) throw ERRORS.ERR_MAX_SIZE_EXCEEDED
    return length
  }
}

/** "The Client MUST NOT include the Upload-Length header in the final upload creation": it is what the parts make. */
function noLength({ headers }: IncomingMessage): undefined {
  for (const name of ['Upload-Length', 'Upload-Defer-Length'])
    if (fieldOf(headers, name) !== undefined)
      throw invalid(name, `The length of a final upload is that of its parts: ${name} has no place here.`)
}

/**
 * Refuses a body that could not be kept, before there is an upload. @param limit bytes that the upload may have.
 * @throws ApiError 415 if the body has another type, ERR_SIZE_EXCEEDED if it is known to be too large.
 */
async function requireFitting(request: IncomingMessage, limit: number): Promise<void> {
  const { headers } = request
  if (!isMediaType(headers['content-type'], OFFSET_STREAM)) {
    // Some clients send a type without a body.
    if (!(await bringsBytes(request))) return
    const detail = `The bytes of an upload come as ${OFFSET_STREAM}.`
    throw new ApiError(415, 'unsupported_media_type', detail, 'Content-Type')
  }
  const announced = bytesHeader(headers, 'Content-Length') ?? 0
  if (announced > limit || (limit === 0 && (await bringsBytes(request)))) throw ERRORS.ERR_SIZE_EXCEEDED
}

function invalid(name: string, message: string): ApiError {
  return new ApiError(400, 'invalid_header', message, name)
}
