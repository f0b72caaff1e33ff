import type { IncomingMessage } from 'node:http'
import { ERRORS } from '@tus/utils'
import type { BodyCheck } from '../checksum.ts'
import { requestBody } from '../request-body.ts'
import { tooLarge } from '../upload-errors.ts'
import { type UploadRow, uploadKey } from '../upload-rows.ts'
import type { UploadStore } from '../upload-store.ts'
import { digestCheck, digestReport, type WholeCheck, wantedAlgorithm } from './digest-fields.ts'
import { bodyLengthOf, field, lengthOf } from './draft-fields.ts'
import { REPR_DIGEST, WANT_REPR_DIGEST } from './draft-metadata.ts'
import type { DraftParts } from './draft-parts.ts'
import { DraftProblem, inconsistentLength, interrupted, replaced } from './draft-problem.ts'
import type { Exchange } from './exchange.ts'
import { verifiedWhole } from './verified-whole.ts'

/** How often a client is told of its progress, in milliseconds. */
const PROGRESS_INTERVAL = 1000

export interface Intake {
  /** As it was opened under its lock, which the caller holds. */
  readonly row: UploadRow
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
export async function takeBody(parts: DraftParts, exchange: Exchange, intake: Intake): Promise<UploadRow> {
  const { store, maxSize } = parts
  const { request } = exchange
  const { complete } = intake
  const { id, offset } = intake.row
  const length = lengthOf(request, { complete, from: offset, known: intake.row.length, maxSize })
  requireRoom(request, (length ?? maxSize) - offset, { maxSize, known: length !== undefined })
  // Before the body, so that it is not lost with the connection; but where nothing is to come, the digest is to be checked first.
  const declares = length !== undefined && length !== intake.row.length && length > offset
  if (declares) await store.declareUploadLength(id, length)
  const row = declares ? { ...intake.row, length } : intake.row
  const written = await append(parts, exchange, { ...intake, row }, length)
  if (written.finished_at) return written
  if (!hasEnded(request)) throw intake.signal.aborted ? replaced(written.offset) : interrupted(written.offset)
  if (!complete && written.offset !== length) return written
  if (length !== undefined && written.offset !== length)
    throw inconsistentLength(`The upload was to have ${length} bytes and has ${written.offset}.`)
  if (row.length === null) await store.declareUploadLength(id, written.offset)
  await store.finish(id, written.offset)
  return { ...written, length: written.offset, finished_at: new Date() }
}

async function append(
  parts: DraftParts,
  exchange: Exchange,
  intake: Intake,
  length: number | undefined,
): Promise<UploadRow> {
  const { store, maxSize } = parts
  const { request } = exchange
  const { row, signal } = intake
  const check = contentCheck(request, row.offset, signal)
  const limit = (length ?? maxSize) - row.offset
  const body = checkedWhole(parts, exchange, intake, length, requestBody(request, { signal, limit }))
  const stop = reportProgress(exchange, store, row)
  try {
    return await store.append(row, body, check)
  } catch (error) {
    const exceeded = error === ERRORS.ERR_SIZE_EXCEEDED
    // "rejecting the request once the offset exceeds the length, marking the upload resource invalid and rejecting any further
    // interaction with it". The same for one whose bytes are not those of its digest: none of them can be told to be right.
    if ((exceeded && length !== undefined) || (error instanceof DraftProblem && error.over))
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

function contentCheck(request: IncomingMessage, offset: number, signal: AbortSignal): BodyCheck | undefined {
  const check = digestCheck('Content-Digest', field(request, 'content-digest'))
  return (
    check && {
      update: chunk => check.update(chunk),
      verify: () => {
        if (!hasEnded(request)) throw signal.aborted ? replaced(offset) : interrupted(offset)
        check.verify()
      },
    }
  )
}

/** The body, held against the digest of the whole where it may be the end of an upload that has one. */
function checkedWhole(
  { locks, storage }: DraftParts,
  exchange: Exchange,
  { row, complete, signal }: Intake,
  length: number | undefined,
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const { request } = exchange
  const checks = wholeChecks(exchange, row)
  const announced = bodyLengthOf(request)
  const mayReach = length !== undefined && (announced === undefined || row.offset + announced >= length)
  if (checks.length === 0 || !(complete || mayReach)) return body
  return verifiedWhole(body, {
    checks,
    stored: async () =>
      row.offset === 0 ? nothing() : storage.read(uploadKey(row.id), { start: 0, end: row.offset - 1 }),
    onStored: () => {
      locks.progress(row.id)
      return !signal.aborted
    },
    isWhole: received =>
      length === undefined ? complete && hasEnded(request) : row.offset + received === length,
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
    const { offset } = (await store.peek(row.id).catch(() => undefined)) ?? row
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
