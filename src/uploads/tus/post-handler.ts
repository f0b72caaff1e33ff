import type { IncomingHttpHeaders } from 'node:http'
import type { CancellationContext } from '@tus/utils'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { fieldOf, isMediaType } from '../../base/header-fields.ts'
import { onceOf } from '../core/creation.ts'
import { createOnce } from '../core/repeat-creation.ts'
import { hasBytes } from '../core/request-body.ts'
import { bodyTooLarge } from '../core/upload-errors.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { Hold } from '../locks/upload-locks.ts'
import { appendTusBody } from './append-tus-body.ts'
import { checkOf } from './checksum-header.ts'
import { parseConcat } from './concat-header.ts'
import { expiresHeader } from './expires-header.ts'
import { parseUploadMetadata } from './metadata-header.ts'
import { lockOptions, TusHandler } from './tus-handler.ts'
import { bytesHeader, OFFSET_STREAM } from './tus-request.ts'

/** POST: creation, with or without the first bytes (tus 1.0.0, Creation, Creation With Upload). */
export class PostHandler extends TusHandler {
  protected async handle(
    request: UploadRequest,
    cancellation: CancellationContext,
    responseHeaders: Headers,
  ): Promise<number> {
    const { store, finals, publicUrl = '' } = this.deps
    const { raw, headers, context } = request
    const { maxSize } = context
    const concat = parseConcat(headers)
    const isFinal = concat?.kind === 'final'
    const length = isFinal ? noLength(headers) : lengthOf(headers, maxSize)
    const limit = isFinal ? 0 : (length ?? maxSize)
    const check = checkOf(raw)
    await requireFitting(request, limit)
    const metadata = parseUploadMetadata(fieldOf(headers, 'Upload-Metadata'))
    const id = uuid()
    const locationOf = (id: string) => `${publicUrl}/uploads/${id}${context.link?.query ?? ''}`
    const once = onceOf(headers, context, { metadata, length, concat })
    const hasBody = isMediaType(headers['content-type'], OFFSET_STREAM)
    const appendBody = async (row: UploadRow, hold: Hold): Promise<UploadRow> => {
      // Set it now, because the upload exists: an error response needs it too.
      responseHeaders.set('Location', locationOf(row.id))
      const { signal } = cancellation
      const written = await appendTusBody(store, request, { row, hold, signal, from: 0, limit, check })
      return { ...(await store.promises.acknowledge(row, written)), offset: written.end }
    }
    const create = async (hold: Hold): Promise<UploadRow> => {
      if (concat?.kind === 'final') return finals.create({ id, metadata, once }, concat.parts, context)
      await store.create({ id, length: length ?? null, metadata, uploader: context, concat, once })
      const row = await store.open(id)
      return hasBody && !row.finished_at ? appendBody(row, hold) : row
    }
    const again = async (row: UploadRow, hold: Hold): Promise<UploadRow> => {
      responseHeaders.set('Idempotency-Replayed', 'true')
      if (row.concat === 'final') await finals.concatenate(row.id)
      else if (hasBody) return appendBody(row, hold)
      return store.promiseOffset(row.id)
    }
    // The upload is locked before it is created, so that no other request uses it before it is complete.
    const declared = { length, metadata }
    const row = await createOnce(this.deps, { id, lock: lockOptions(cancellation), declared }, create, again)
    responseHeaders.set('Location', locationOf(row.id))
    if (!isFinal || row.finished_at) responseHeaders.set('Upload-Offset', String(row.offset))
    const expires = expiresHeader(row)
    if (expires) responseHeaders.set('Upload-Expires', expires)
    return 201
  }
}

/** @returns the declared length in bytes; undefined if the client declares it later. @throws ApiError 400, 413 */
function lengthOf(headers: IncomingHttpHeaders, maxSize: number): number | undefined {
  const length = bytesHeader(headers, 'Upload-Length')
  const deferred = fieldOf(headers, 'Upload-Defer-Length')
  if (deferred !== undefined && deferred !== '1')
    throw invalid('Upload-Defer-Length', 'Upload-Defer-Length must be 1.')
  if ((length === undefined) === (deferred === undefined))
    throw invalid(
      'Upload-Length',
      'Send either Upload-Length, or Upload-Defer-Length: 1 if the length is not known yet.',
    )
  if (length !== undefined && length > maxSize) throw bodyTooLarge()
  return length
}

/** "The Client MUST NOT include the Upload-Length header in the final upload creation". @throws ApiError 400 */
function noLength(headers: IncomingHttpHeaders): undefined {
  for (const name of ['Upload-Length', 'Upload-Defer-Length'])
    if (fieldOf(headers, name) !== undefined)
      throw invalid(name, `${name} is not allowed. The length of a final upload is the sum of its parts.`)
}

/**
 * Rejects a body before the upload is created. @param limit maximum size of the upload in bytes.
 * @throws ApiError 415 if the body has the wrong type, 413 if it is too large.
 */
async function requireFitting({ raw, headers }: UploadRequest, limit: number): Promise<void> {
  if (!isMediaType(headers['content-type'], OFFSET_STREAM)) {
    // Some clients send a Content-Type without a body.
    if (!(await hasBytes(raw))) return
    const detail = `The Content-Type of an upload's bytes must be ${OFFSET_STREAM}.`
    throw new ApiError(415, 'unsupported_media_type', detail, 'Content-Type')
  }
  const announced = bytesHeader(headers, 'Content-Length') ?? 0
  if (announced > limit || (limit === 0 && (await hasBytes(raw)))) throw bodyTooLarge()
}

function invalid(name: string, message: string): ApiError {
  return new ApiError(400, 'invalid_header', message, name)
}
