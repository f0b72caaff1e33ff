import { ApiError } from '../../base/errors.ts'
import { isMediaType } from '../../base/header-fields.ts'
import { accepts } from '../core/promised-offsets.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { Hold } from '../locks/upload-locks.ts'
import { appendRequestBody } from './append-request-body.ts'
import { bodyEnd } from './body-end.ts'
import type { Exchange } from './exchange.ts'
import type { IetfDeps } from './ietf-deps.ts'
import { bodyLengthOf, completenessOf, field, lengthOf } from './ietf-fields.ts'
import { completedUpload, mismatchingOffset } from './ietf-problem.ts'
import { PARTIAL_UPLOAD } from './interop.ts'
import { parseInteger } from './structured-fields.ts'
import type { Outcome } from './upload-view.ts'

/** PATCH: appends to an upload ("Upload Append"). @throws ApiError */
export async function appendUpload(deps: IetfDeps, exchange: Exchange, id: string): Promise<Outcome> {
  const { store, locks } = deps
  const { request, interop } = exchange
  if (interop.mediaType && !isMediaType(request.headers['content-type'], PARTIAL_UPLOAD)) {
    exchange.response.setHeader('Accept-Patch', PARTIAL_UPLOAD)
    throw new ApiError(
      415,
      'unsupported_media_type',
      `Content-Type must be ${PARTIAL_UPLOAD}.`,
      'Content-Type',
    )
  }
  // "The client MUST indicate the offset of the request content", and a malformed value counts as absent.
  const offset = parseInteger(field(request, 'upload-offset'))
  if (offset === undefined)
    throw new ApiError(
      400,
      'invalid_header',
      'Upload-Offset must be a whole number of bytes.',
      'Upload-Offset',
    )
  const complete = isLast(exchange)
  const { signal, lock } = bodyEnd(exchange.signal)
  const append = async (hold: Hold) => {
    const row = await store.openAt(id, offset)
    if (row.concat === 'final')
      throw new ApiError(403, 'final_upload', 'A final upload consists of its parts. It accepts no bytes.')
    // "If the Upload-Offset request header field value does not match the current offset, the server MUST reject the request with a
    // 409 (Conflict) status code".
    if (!accepts(row, offset)) throw mismatchingOffset((await store.promiseOffset(id)).offset, offset)
    if (row.finished_at && row.offset === offset) return replay(deps, exchange, row, complete)
    const intake = { row, from: offset, complete, signal, hold }
    return appendRequestBody(deps, exchange, intake).catch(async error => {
      if (!(error instanceof ApiError) || error.code !== 'offset_conflict') throw error
      // Different bytes of another writer have been acknowledged.
      throw mismatchingOffset((await store.promiseOffset(id)).offset, offset)
    })
  }
  const row = await locks.run(id, append, lock)
  return { row, status: row.finished_at && interop.appended === 204 ? 200 : interop.appended }
}

/**
 * "The server can choose to replay the final response to the client if the request to append to the completed upload is valid". It is valid
 * if its body is empty. @throws IetfProblem 400 otherwise.
 */
function replay({ maxSize }: IetfDeps, { request }: Exchange, row: UploadRow, complete: boolean): UploadRow {
  if (!complete || bodyLengthOf(request) !== 0) throw completedUpload(row.offset)
  lengthOf(request, { complete, from: row.offset, known: row.length, maxSize })
  return row
}

/**
 * "The request MUST include the Upload-Complete header field." At the end of a stream, tus-js-client sends an empty body without this header
 * and with the length.
 */
function isLast({ request, interop }: Exchange): boolean {
  const isComplete = completenessOf(request, interop)
  if (isComplete !== undefined) return isComplete
  const { completeness, silenceCompletes } = interop
  if (silenceCompletes && field(request, completeness.toLowerCase()) === undefined) return true
  if (parseInteger(field(request, 'upload-length')) !== undefined) return false
  throw new ApiError(400, 'invalid_header', `${completeness} must be ?0 or ?1.`, completeness)
}
