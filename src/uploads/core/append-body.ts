import { Readable } from 'node:stream'
import { StorageLostError } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { Written } from '../bytes/upload-bytes.ts'
import type { Appended } from './appended.ts'
import type { BodyCheck } from './body-check.ts'
import { asHolder, type CompleteDeps, completeUpload, replacedError } from './complete-upload.ts'
import { growingUpload } from './growing-upload.ts'
import type { OffsetPromises } from './offset-promises.ts'
import type { OffsetUpdates } from './offset-updates.ts'
import { type Announced, reserveForUpload, type SpaceReservation } from './space-reservations.ts'
import { overlap } from './stored-overlap.ts'
import { isBodyTooLarge, offsetConflict } from './upload-errors.ts'
import { deleteUpload, type UploadRow } from './upload-rows.ts'

export interface AppendDeps extends CompleteDeps {
  readonly offsets: OffsetUpdates
  readonly reserve: Reserve
  readonly promises: OffsetPromises
}

export interface Body {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Offset of its first byte: the upload's offset, or an earlier promised offset that another writer has passed since. */
  readonly from: number
  /** Whether nothing else uses the chunks, so that their memory can be freed at once. */
  readonly owned: boolean
  /** Size of the body, if the request declares it. */
  readonly announced?: Announced | undefined
  readonly check?: BodyCheck | undefined
}

/**
 * Appends a body to an upload: makes bytes durable, then advances the offset with one statement. The last byte finishes the upload.
 *
 * If the body begins before the upload's offset, its first bytes are compared with the stored bytes and not written again. If they differ,
 * the body replaces the stored bytes, unless a client has been told that these are stored. A body with a check is stored completely or not
 * at all.
 * @param opened the row as it was read under the upload's lock, which the caller holds.
 * @throws ApiError 409 if another writer has moved the offset or has acknowledged different bytes; 413 if the body exceeds the upload's
 * length or limit; 460 if the check fails; 507 if the disk is full.
 */
export async function appendBody(deps: AppendDeps, opened: UploadRow, body: Body): Promise<Appended> {
  await deps.reserve.requireHeld()
  const reservation = reserveForUpload(deps, opened, body.from, body.announced)
  try {
    await reservation.require(Math.max(opened.offset, body.from))
    return await asHolder(deps, opened.id, () => appendWithin(deps, opened, body, reservation))
  } finally {
    await reservation.release()
  }
}

async function appendWithin(
  deps: AppendDeps,
  opened: UploadRow,
  body: Body,
  reservation: SpaceReservation,
): Promise<Appended> {
  const { bytes, locks, promises } = deps
  const { owned, check } = body
  const unacknowledgedFrom = promises.unacknowledged.startIn(opened)
  let end = body.from
  const source = observed(deps, opened, body, async size => {
    await reservation.require(size)
    end = size
  })
  const { row, rest } = await skipStored(deps, opened, source, body.from)
  if (row.finished_at) {
    check?.verify()
    return { row, end }
  }
  const progress = new Progress(deps, row, unacknowledgedFrom)
  let reached: { state: unknown } | undefined
  const onDurable = async (offset: number, state: unknown) => {
    if (offset === row.length) reached = { state }
    // The offset of a checked body moves only after the check. The last byte is committed at the end of the body, because the body may be
    // too long.
    else if (!check) await progress.commit(offset, state)
  }
  let written: Written<unknown>
  try {
    written = await bytes.append(growingUpload(row, locks), rest, onDurable, { owned })
    check?.verify()
  } catch (error) {
    if (check) await freeUnverified(deps, row)
    if (reached && !check && !isBodyTooLarge(error)) await progress.commit(row.length!, reached.state)
    // The storage no longer knows which bytes it has, so the client must start again.
    if (error instanceof StorageLostError)
      await deleteUpload(deps.db, bytes, row.id, { generation: row.generation })
    throw error
  }
  await progress.commit(written.offset, written.state)
  return { row: progress.row, end }
}

/** Frees the space of a body that failed its check. The upload's offset has not moved. */
async function freeUnverified({ bytes }: AppendDeps, row: UploadRow): Promise<void> {
  const nothing = Readable.from([])
  // If this fails, the next append overwrites the bytes.
  await bytes.append(growingUpload(row), nothing, async () => {}).catch(() => {})
}

/** Moves the offset in the upload's row after bytes have become durable. */
class Progress {
  readonly #deps: AppendDeps
  readonly #unacknowledgedFrom: number
  /** The row as the last statement left it. */
  row: UploadRow

  constructor(deps: AppendDeps, row: UploadRow, unacknowledgedFrom: number) {
    this.#deps = deps
    this.row = row
    this.#unacknowledgedFrom = unacknowledgedFrom
  }

  /** @throws ApiError 409 if another writer has moved the offset, 423 if another process has taken the upload over. */
  async commit(offset: number, state: unknown): Promise<void> {
    const { offsets, promises, locks, expiry } = this.#deps
    const { id, offset: from, length, generation } = this.row
    if (offset !== from) {
      if (!(await offsets.advance({ id, from, to: offset, state, generation })))
        throw await replacedError(this.#deps, id)
      locks.settle(id)
      const expires_at = new Date(Date.now() + expiry * 1000)
      this.row = { ...this.row, offset, storage_state: state, expires_at }
    }
    promises.unacknowledged.note(this.row, this.#unacknowledgedFrom, offset)
    if (offset !== length || this.row.finished_at) return
    await completeUpload(this.#deps, this.row)
    this.row = { ...this.row, finished_at: new Date() }
  }
}

/** Skips the bytes of a body that are already stored. @returns the rest of the body, and the row, whose offset is where the rest begins. */
async function skipStored(
  { bytes, promises }: AppendDeps,
  row: UploadRow,
  source: AsyncGenerator<Uint8Array>,
  from: number,
): Promise<{ row: UploadRow; rest: AsyncIterable<Uint8Array> }> {
  if (from === row.offset) return { row, rest: source }
  const stored = await bytes.read(growingUpload(row), { start: from, end: row.offset - 1 })
  try {
    const { at, chunk } = await overlap(source, stored, { from, to: row.offset })
    if (!chunk) return { row, rest: source }
    const differs = at < row.offset
    const rewound = differs ? await promises.rewind(row.id, at) : row
    if (!rewound) throw offsetConflict()
    return { row: rewound, rest: following(chunk, source) }
  } catch (error) {
    await source.return(undefined)
    throw error
  } finally {
    stored.destroy()
  }
}

async function* following(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

/** Reports the progress of a body. @param onSize called with the offset after a chunk, before that chunk is passed on. */
async function* observed(
  { locks }: AppendDeps,
  { id }: UploadRow,
  { bytes, check, from }: Body,
  onSize: (size: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let size = from
  for await (const chunk of bytes) {
    if (chunk.byteLength > 0) locks.progress(id)
    size += chunk.byteLength
    await onSize(size)
    check?.update(chunk)
    yield chunk
  }
}
