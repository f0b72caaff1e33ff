import type { IncomingMessage } from 'node:http'
import type { ApiError } from '../../base/errors.ts'
import type { Appended } from '../core/appended.ts'
import type { BodyCheck } from '../core/body-check.ts'
import { requestBody } from '../core/request-body.ts'
import { exactly } from '../core/room.ts'
import { isBodyTooLarge, replaced, tooLarge } from '../core/upload-errors.ts'
import { type UploadRow, uploadKey } from '../core/upload-rows.ts'
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

/** How often a client is told of its progress, in milliseconds. */
const PROGRESS_INTERVAL = 1000

export interface Intake {
  /** As it was opened under its lock, which the caller holds. */
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
 * Appends a request's body to an upload. What came of a body that breaks off is kept, unless it has a `Content-Digest`, which nothing
 * but all of it can have. An upload whose length is reached is complete, though the client may have said `?0`: its bytes are durable and
 * a video, and the answer says so ("An upload is marked as completed [...] when a response includes the Upload-Complete header field
 * with a true value").
 * @returns the upload as it is then. @throws ApiError
 */
export async function takeBody(deps: IetfDeps, exchange: Exchange, intake: Intake): Promise<UploadRow> {
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
    throw inconsistentLength(`The upload was to have ${length} bytes and has ${end}.`)
  // Somebody was told of more bytes than this request says that there are.
  if (settled.offset !== end) throw replaced()
  if (row.length === null) await store.declareUploadLength(row.id, end)
  await store.finish(row.id, end)
  return { ...settled, length: end, finished_at: new Date() }
}

/** Notes the length before the body comes, so that it is not lost with the connection. */
async function declare(
  store: UploadStore,
  { row, from }: Intake,
  length: number | undefined,
): Promise<UploadRow> {
  // Where nothing is to come, the digest is to be checked first.
  if (length === undefined || length === row.length || length <= from) return row
  // Another writer may have brought more than all.
  const rewound = length < row.offset ? await store.promises.rewind(row.id, length) : row
  if (!rewound) throw inconsistentLength(`It is ${length} bytes, and there are ${row.offset} already.`)
  await store.declareUploadLength(row.id, length)
  return { ...rewound, length }
}

/** The client of a deleted upload learns that when it asks for the offset. */
function cutError({ releaseReason }: Hold): ApiError {
  return releaseError(releaseReason === 'deletion' ? 'newcomer' : releaseReason)
}

/** What the client is told of a body that did not come to its end. */
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
    // interaction with it". The same for one whose bytes are not those of its digest: none of them can be told to be right.
    if ((exceeded && length !== undefined) || (error instanceof IetfProblem && error.over))
      await store.remove(row.id)
    if (!exceeded) throw error
    throw length === undefined ? tooLarge(maxSize) : inconsistentLength(`More than ${length} bytes came.`)
  } finally {
    stop()
  }
}

/** @param known whether the client has told the length. @throws ApiError where the body says that it is larger than what is missing. */
function requireRoom(
  request: IncomingMessage,
  room: number,
  { maxSize, known }: { maxSize: number; known: boolean },
): void {
  const announced = bodyLengthOf(request) ?? 0
  if (announced <= room) return
  throw known ? inconsistentLength(`${room} bytes are missing, ${announced} are to come.`) : tooLarge(maxSize)
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

/** The body, held against the digest of the whole where it may be the end of an upload that has one. */
function checkedWhole(
  { locks, storage }: IetfDeps,
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
    stored: async () =>
      from === 0 ? nothing() : storage.read(uploadKey(row.id), { start: 0, end: from - 1 }),
    onStored: () => {
      locks.progress(row.id)
      return !signal.aborted
    },
    isWhole: received => (length === undefined ? complete && hasEnded(request) : from + received === length),
  })
}

/**
 * Digests of the whole, from the request that created the upload and from this one. Not covered: an upload that is finished over tus,
 * whose own checksums are of one body each.
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

/** Whether all of the body came, and was read: `complete` alone is true with bytes left in the buffer. */
function hasEnded(request: IncomingMessage): boolean {
  return request.readableEnded && request.complete
}

/**
 * Tells the client of what is durable, now and then. "The Upload-Offset header field in responses serves [...] as a guarantee that no
 * retransmission of it will be necessary": the row says that. @returns what ends it.
 */
function reportProgress(exchange: Exchange, store: UploadStore, row: UploadRow): () => void {
  if (!exchange.informsOfProgress) return () => {}
  let told = row.offset
  let over = false
  const timer = setInterval(async () => {
    const { offset } = (await store.tell(row.id).catch(() => undefined)) ?? row
    if (over || offset <= told) return
    told = offset
    exchange.inform({ 'Upload-Offset': String(offset) })
  }, PROGRESS_INTERVAL)
  return () => {
    over = true
    clearInterval(timer)
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
