import type { IncomingMessage } from 'node:http'
import type { ApiError } from '../../base/errors.ts'
import type { Appended } from '../core/appended.ts'
import type { BodyCheck } from '../core/body-check.ts'
import { requestBody } from '../core/request-body.ts'
import { exactly } from '../core/space-reservations.ts'
import { isBodyTooLarge, offsetConflict, tooLarge } from '../core/upload-errors.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { UploadStore } from '../core/upload-store.ts'
import { releaseError } from '../locks/release-errors.ts'
import type { Hold } from '../locks/upload-locks.ts'
import { digestCheck, digestReport, type WholeCheck, wantedAlgorithm } from './digest-fields.ts'
import type { Exchange } from './exchange.ts'
import type { IetfDeps } from './ietf-deps.ts'
import { bodyLengthOf, field, lengthOf } from './ietf-fields.ts'
import { REPR_DIGEST, WANT_REPR_DIGEST } from './ietf-metadata.ts'
import { IetfProblem, inconsistentLength, interrupted } from './ietf-problem.ts'
import { verifiedWhole } from './verified-whole.ts'

/** The server sends the client its progress at this interval. */
const PROGRESS_INTERVAL_MS = 1000

export interface Intake {
  /** The row as read under the upload's lock, which the caller holds. */
  readonly row: UploadRow
  readonly hold: Hold
  /** The offset of the body's first byte; `accepts` has checked it. */
  readonly from: number
  /** Whether the body is the end of the upload. */
  readonly complete: boolean
  /** Ends the body early. */
  readonly signal: AbortSignal
}

/**
 * Appends a request's body to an upload. If the body is cut off, its bytes are kept, unless it has a `Content-Digest`, which covers the whole
 * body. An upload that reaches its length is complete and becomes a video, even if the client sent `?0`. The response says so ("An upload is
 * marked as completed [...] when a response includes the Upload-Complete header field with a true value").
 * @returns the updated row. @throws ApiError
 */
export async function appendRequestBody(
  deps: IetfDeps,
  exchange: Exchange,
  intake: Intake,
): Promise<UploadRow> {
  const { store, maxSize } = deps
  const { request } = exchange
  const { complete, from } = intake
  const length = lengthOf(request, { complete, from, known: intake.row.length, maxSize })
  requireFitting(request, (length ?? maxSize) - from, { maxSize, known: length !== undefined })
  const row = await declare(store, intake, length)
  const written = await append(deps, exchange, { ...intake, row }, length)
  if (!hasEnded(request) && !written.row.finished_at) throw await unfinished(store, intake)
  const settled = await store.promises.acknowledge(intake.row, written)
  if (settled.finished_at) return settled
  const { end } = written
  if (!complete && end !== length) return { ...settled, offset: end }
  if (length !== undefined && end !== length)
    throw inconsistentLength(`The upload has ${end} bytes instead of ${length}.`)
  // Bytes after the length in this request have already been acknowledged.
  if (settled.offset !== end) throw offsetConflict()
  if (row.length === null) await store.declareUploadLength(row.id, end)
  await store.finish({ ...settled, length: end })
  return { ...settled, length: end, finished_at: new Date() }
}

/** Saves the length before the body is read, so that it is not lost with the connection. */
async function declare(
  store: UploadStore,
  { row, from }: Intake,
  length: number | undefined,
): Promise<UploadRow> {
  // If no bytes are missing, the digest must be checked before the length is saved, because the upload is complete then.
  if (length === undefined || length === row.length || length <= from) return row
  // Another writer may have sent bytes beyond the length.
  const rewound = length < row.offset ? await store.promises.rewind(row.id, length) : row
  if (!rewound)
    throw inconsistentLength(`The upload has ${row.offset} bytes already, more than the length of ${length}.`)
  await store.declareUploadLength(row.id, length)
  return { ...rewound, length }
}

/** If the upload was deleted, the client gets 423, and 404 when it requests the offset. */
function cutError({ releaseReason }: Hold): ApiError {
  return releaseError(releaseReason === 'deletion' ? 'newcomer' : releaseReason)
}

/** The error for a body that was cut off. */
async function unfinished(store: UploadStore, { hold, row }: Intake): Promise<ApiError> {
  return hold.releaseReason ? cutError(hold) : interrupted((await store.promiseOffset(row.id)).offset)
}

async function append(
  deps: IetfDeps,
  exchange: Exchange,
  intake: Intake,
  length: number | undefined,
): Promise<Appended> {
  const { store, maxSize } = deps
  const { request } = exchange
  const { row, from, signal } = intake
  const check = contentCheck(request, intake)
  const limit = (length ?? maxSize) - from
  const body = checkedWhole(deps, exchange, intake, length, requestBody(request, { signal, limit }))
  const stop = reportProgress(exchange, store, row)
  try {
    return await store.append(row, body, { from, check, announced: exactly(bodyLengthOf(request)) })
  } catch (error) {
    const exceeded = isBodyTooLarge(error)
    // "rejecting the request once the offset exceeds the length, marking the upload resource invalid and rejecting any further
    // interaction with it". If the digest differs, the upload is removed too, because any of its bytes may be wrong.
    if ((exceeded && length !== undefined) || (error instanceof IetfProblem && error.over))
      await store.remove(row.id)
    if (!exceeded) throw error
    throw length === undefined
      ? tooLarge(maxSize)
      : inconsistentLength(`The request has more than ${length} bytes.`)
  } finally {
    stop()
  }
}

/**
 * Checks the declared size of the body. @param missing number of bytes that the upload can still take. @param known whether the client has
 * declared the upload's length. @throws ApiError 400 or 413 if the body is larger.
 */
function requireFitting(
  request: IncomingMessage,
  missing: number,
  { maxSize, known }: { maxSize: number; known: boolean },
): void {
  const announced = bodyLengthOf(request) ?? 0
  if (announced <= missing) return
  throw known
    ? inconsistentLength(`${missing} bytes are missing, but the request has ${announced}.`)
    : tooLarge(maxSize)
}

function contentCheck(request: IncomingMessage, { from, hold }: Intake): BodyCheck | undefined {
  const check = digestCheck('Content-Digest', field(request, 'content-digest'))
  return (
    check && {
      update: chunk => check.update(chunk),
      verify: () => {
        if (!hasEnded(request)) throw hold.releaseReason ? cutError(hold) : interrupted(from)
        check.verify()
      },
    }
  )
}

/** The body. If the upload has a digest and may be complete with this body, the digest is checked before the last bytes are passed on. */
function checkedWhole(
  { locks, store }: IetfDeps,
  exchange: Exchange,
  { row, from, complete, signal }: Intake,
  length: number | undefined,
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const { request } = exchange
  const checks = wholeChecks(exchange, row)
  const announced = bodyLengthOf(request)
  const mayReach = length !== undefined && (announced === undefined || from + announced >= length)
  if (checks.length === 0 || !(complete || mayReach)) return body
  return verifiedWhole(body, {
    checks,
    stored: async () => (from === 0 ? nothing() : store.read(row, { start: 0, end: from - 1 })),
    onStored: () => {
      locks.progress(row.id)
      return !signal.aborted
    },
    isWhole: received => (length === undefined ? complete && hasEnded(request) : from + received === length),
  })
}

/**
 * Digests of the whole upload, from the request that created it and from this request. Not covered: an upload whose last bytes come with
 * tus, because a tus checksum covers only one body.
 */
function wholeChecks({ request, response }: Exchange, row: UploadRow): WholeCheck[] {
  const values = new Set([row.metadata[REPR_DIGEST], field(request, 'repr-digest')])
  const wanted = wantedAlgorithm(field(request, 'want-repr-digest') ?? row.metadata[WANT_REPR_DIGEST])
  return [
    ...[...values].map(value => digestCheck('Repr-Digest', value)).filter(check => check !== undefined),
    // "The server SHOULD compute the representation digests using the preferred algorithms once the upload is complete".
    ...(wanted ? [digestReport(wanted, digest => response.setHeader('Repr-Digest', digest))] : []),
  ]
}

/** Whether the whole body has been received and read. `complete` alone is also true while bytes are left in the buffer. */
function hasEnded(request: IncomingMessage): boolean {
  return request.readableEnded && request.complete
}

/**
 * Sends the client its progress periodically. "The Upload-Offset header field in responses serves [...] as a guarantee that no
 * retransmission of it will be necessary", so this is the offset in the row. @returns a function that stops the reports.
 */
function reportProgress(exchange: Exchange, store: UploadStore, row: UploadRow): () => void {
  if (!exchange.sendsProgress) return () => {}
  let sent = row.offset
  let over = false
  const timer = setInterval(async () => {
    const { offset } = (await store.promiseOffset(row.id).catch(() => undefined)) ?? row
    if (over || offset <= sent) return
    sent = offset
    exchange.inform({ 'Upload-Offset': String(offset) })
  }, PROGRESS_INTERVAL_MS)
  return () => {
    over = true
    clearInterval(timer)
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
