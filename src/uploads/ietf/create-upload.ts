import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { isPlain } from '../../base/header-fields.ts'
import { onceOf } from '../core/creation.ts'
import { createOnce } from '../core/repeat-creation.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { Hold } from '../locks/upload-locks.ts'
import { appendRequestBody } from './append-request-body.ts'
import { bodyEnd } from './body-end.ts'
import { digestCheck } from './digest-fields.ts'
import type { Exchange } from './exchange.ts'
import type { IetfDeps } from './ietf-deps.ts'
import { completenessOf, field, lengthOf } from './ietf-fields.ts'
import { ietfMetadata } from './ietf-metadata.ts'
import { formatLimits } from './upload-limit.ts'
import { locationOf, type Outcome } from './upload-view.ts'

/** POST: creates an upload and stores its first bytes, or all of them ("Upload Creation"). @throws ApiError */
export async function createUpload(deps: IetfDeps, exchange: Exchange): Promise<Outcome> {
  const { store, maxSize } = deps
  const { request, response, interop, context } = exchange
  const complete = completenessOf(request, interop)
  if (complete === undefined) {
    const { completeness } = interop
    throw new ApiError(400, 'invalid_header', `${completeness} must be ?0 or ?1.`, completeness)
  }
  requirePlain(field(request, 'content-encoding'))
  // Check the digests' syntax before the upload exists.
  for (const name of ['Content-Digest', 'Repr-Digest'] as const)
    digestCheck(name, field(request, name.toLowerCase()))
  const metadata = ietfMetadata(request)
  const length = lengthOf(request, { complete, from: 0, known: null, maxSize })
  const id = uuid()
  const { signal, lock } = bodyEnd(exchange.signal)
  const once = onceOf(request.headers, context, { metadata, length })
  const appendBody = async (row: UploadRow, hold: Hold): Promise<UploadRow> => {
    const location = locationOf(deps, exchange, row.id)
    // Every response from here on has the Location, so that a client that got no 104 can resume too.
    response.setHeader('Location', location)
    const limits = formatLimits({ maxSize, expiry: store.expiryS }, interop, row)
    exchange.inform({ Location: location, 'Upload-Limit': limits })
    return appendRequestBody(deps, exchange, { row, from: 0, complete, signal, hold })
  }
  const create = async (hold: Hold): Promise<UploadRow> => {
    // A length of 0 is saved after the empty body, because the digest must be checked first.
    const known = length || null
    await store.create({ id, length: known, metadata, uploader: context, protocol: 'ietf', once })
    return appendBody(await store.open(id), hold)
  }
  const again = async (row: UploadRow, hold: Hold): Promise<UploadRow> => {
    response.setHeader('Idempotency-Replayed', 'true')
    return appendBody(row, hold)
  }
  // The upload is locked before it is created, so that no other request uses it before it is complete.
  const declared = { length, metadata }
  const row = await createOnce(deps, { id, lock, declared }, create, again)
  return { row, status: 201 }
}

/** Rejects encoded bytes, because no processing step would decode them. @throws ApiError 415 */
function requirePlain(coding: string | undefined): void {
  if (isPlain(coding)) return
  throw new ApiError(
    415,
    'unsupported_coding',
    'Content-Encoding is not supported. Send the file without an encoding.',
    'Content-Encoding',
  )
}
