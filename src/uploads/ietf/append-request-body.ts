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

/** How often a client is sent its progress. */
const PROGRESS_INTERVAL_MS = 1000

export interface Intake {
  /** The row as it was opened. The caller holds its lock. */
  readonly row: UploadRow
  readonly hold: Hold
  /** The offset of the body's first byte, one that the upload accepts. */
  readonly from: number
  /** Whether the body is the end of the upload. */
  readonly complete: boolean
  /** Ends the body where it is. */
  readonly signal: AbortSignal
}

/**
 * Appends a request's body to an upload. The bytes of a body that breaks off are kept, unless it has a `Content-Digest`, which covers the
 * whole body. An upload that reaches its length is complete, even if the client said `?0`: its bytes are durable and a video, and the
 * response says so ("An upload is marked as completed [...] when a response includes the Upload-Complete header field
 * with a true value").
 * @returns the upload as it is then. @throws ApiError
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
  requireRoom(request, (length ?? maxSize) - from, { maxSize, known: length !== undefined })
  const row = await declare(store, intake, length)
  const written = await append(deps, exchange, { ...intake, row }, length)
  if (!hasEnded(request) && !written.row.finished_at) throw await unfinished(store, intake)
  const settled = await store.promises.acknowledge(intake.row, written)
  if (settled.finished_at) return settled
  const { end } = written
  if (!complete && end !== length) return { ...settled, offset: end }
  if (length !== undefined && end !== length)
    throw inconsistentLength(`The upload has ${end} bytes instead of ${length}.`)
  // A client was told a larger offset than the length in this request.
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
  // Without further bytes, the digest must be checked first.
  if (length === undefined || length === row.length || length <= from) return row
  // Another writer may have sent bytes beyond the length.
  const rewound = length < row.offset ? await store.promises.rewind(row.id, length) : row
  if (!rewound) throw inconsistentLength(`The upload has ${row.offset} bytes already, more than ${length}.`)
  await store.declareUploadLength(row.id, length)
  return { ...rewound, length }
}

/** The client of a deleted upload learns that when it asks for the offset. */
function cutError({ releaseReason }: Hold): ApiError {
  return releaseError(releaseReason === 'deletion' ? 'newcomer' : releaseReason)
}

/** The error for a body that broke off. */
async function unfinished(store: UploadStore, { hold, row }: Intake): Promise<ApiError> {
  return hold.releaseReason ? cutError(hold) : interrupted((await store.tell(row.id)).offset)
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
    // interaction with it". The same if the digest differs: it is unknown which of the bytes are right.
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

/** @param known whether the client has declared the length. @throws ApiError 400 or 413 if the body announces more bytes than are missing. */
function requireRoom(
  request: IncomingMessage,
  room: number,
  { maxSize, known }: { maxSize: number; known: boolean },
): void {
  const announced = bodyLengthOf(request) ?? 0
  if (announced <= room) return
  throw known
    ? inconsistentLength(`${room} bytes are missing, and the request has ${announced}.`)
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

/** The body; if it can be the last one of an upload with a digest, compared with that. */
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
 * Digests of the whole upload, from the request that created it and from this one. Not covered: an upload that is finished with tus, whose
 * checksums cover one body each.
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

/** Whether all of the body came and was read. `complete` alone is also true while bytes are left in the buffer. */
function hasEnded(request: IncomingMessage): boolean {
  return request.readableEnded && request.complete
}

/**
 * Sends the client its progress at intervals. "The Upload-Offset header field in responses serves [...] as a guarantee that no
 * retransmission of it will be necessary", so it is the row's. @returns a function that ends this.
 */
function reportProgress(exchange: Exchange, store: UploadStore, row: UploadRow): () => void {
  if (!exchange.sendsProgress) return () => {}
  let sent = row.offset
  let over = false
  const timer = setInterval(async () => {
    const { offset } = (await store.tell(row.id).catch(() => undefined)) ?? row
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
