import { Upload } from '@tus/utils'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { isPlain } from '../../base/header-fields.ts'
import { onceOf } from '../core/creation.ts'
import { createOnce } from '../core/repeat-creation.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import { uploaderOf } from '../core/uploader.ts'
import type { LockHolder } from '../tus/tus-request.ts'
import { takeBody } from './append-request-body.ts'
import { cancellation } from './cancellation.ts'
import { digestCheck } from './digest-fields.ts'
import type { Exchange } from './exchange.ts'
import type { DraftParts } from './ietf-deps.ts'
import { completenessOf, field, lengthOf } from './ietf-fields.ts'
import { draftMetadata } from './ietf-metadata.ts'
import { formatLimits } from './upload-limit.ts'
import { locationOf, type Outcome } from './upload-view.ts'

/** POST: an upload with as much of it as the request has ("Upload Creation"). @throws ApiError */
export async function createUpload(parts: DraftParts, exchange: Exchange): Promise<Outcome> {
  const { store, maxSize } = parts
  const { request, response, interop, requestId } = exchange
  const complete = completenessOf(request, interop)
  if (complete === undefined) {
    const { completeness } = interop
    throw new ApiError(400, 'invalid_header', `${completeness} must be ?0 or ?1.`, completeness)
  }
  requirePlain(field(request, 'content-encoding'))
  // All that can be refused is refused before there is an upload.
  for (const name of ['Content-Digest', 'Repr-Digest'] as const)
    digestCheck(name, field(request, name.toLowerCase()))
  const metadata = draftMetadata(request)
  const length = lengthOf(request, { complete, from: 0, known: null, maxSize })
  const upload = new Upload({ id: uuid(), offset: 0, metadata, ...(length && { size: length }) })
  const uploader = uploaderOf(request)
  store.attribute(upload, requestId, uploader)
  const context = cancellation(exchange.signal)
  const once = onceOf(request.headers, uploader, { metadata, length })
  const take = async (row: UploadRow, holder: LockHolder): Promise<UploadRow> => {
    const location = locationOf(parts, exchange, row.id)
    // In every answer from here on: who was not told by 104 can go on all the same.
    response.setHeader('Location', location)
    const limits = formatLimits({ maxSize, expiry: store.getExpiration() / 1000 }, interop, row)
    exchange.inform({ Location: location, 'Upload-Limit': limits })
    return takeBody(parts, exchange, { row, from: 0, complete, signal: context.signal, holder })
  }
  const create = async (holder: LockHolder): Promise<UploadRow> => {
    await store.create(upload, undefined, { draft: true, once })
    return take(await store.open(upload.id), holder)
  }
  const again = async (row: UploadRow, holder: LockHolder): Promise<UploadRow> => {
    response.setHeader('Idempotency-Replayed', 'true')
    return take(row, holder)
  }
  // Locked before it is created, so that nothing finds it half made.
  const declared = { length, metadata }
  const row = await createOnce(parts, { id: upload.id, context, declared }, create, again)
  return { row, status: 201 }
}

/** Source bytes are kept as they come: no step of the processing would decode them. */
function requirePlain(coding: string | undefined): void {
  if (isPlain(coding)) return
  throw new ApiError(
    415,
    'unsupported_coding',
    'Content-Encoding is not supported: send the video as it is.',
    'Content-Encoding',
  )
}
