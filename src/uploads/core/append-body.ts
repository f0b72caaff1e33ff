import { Readable } from 'node:stream'
import { StorageLostError } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { Written } from '../bytes/upload-bytes.ts'
import type { Appended } from './appended.ts'
import type { BodyCheck } from './body-check.ts'
import { asHolder, type CompleteDeps, completeUpload, replacedError } from './complete-upload.ts'
import { growing } from './growing-upload.ts'
import type { OffsetPromises } from './offset-promises.ts'
import type { OffsetUpdates } from './offset-updates.ts'
import { type Announced, type Room, uploadRoom } from './room.ts'
import { overlap } from './stored-overlap.ts'
import { isBodyTooLarge, replaced } from './upload-errors.ts'
import { deleteUpload, type UploadRow } from './upload-rows.ts'

export interface AppendDeps extends CompleteDeps {
  readonly offsets: OffsetUpdates
  readonly reserve: Reserve
  readonly promises: OffsetPromises
}

export interface Body {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Offset of its first byte: the upload's own, or a promised one that another writer has passed since. */
  readonly from: number
  /** Whether no one else uses its chunks, so that their memory can be freed at once. */
  readonly owned: boolean
  /** Bytes of the body, if its request tells them. */
  readonly announced?: Announced | undefined
  readonly check?: BodyCheck | undefined
}

/**
 * Appends a body to an upload: bytes become durable, then one statement advances the offset. The last byte finishes the upload.
 *
 * Bytes of the body that are stored already are compared and not written again; if they differ from bytes that no client was told of, the
 * body replaces those. With a check, all of the body counts or none of it.
 * @param opened the row as it was opened under the upload's lock, which the caller holds.
 * @throws ApiError 409 if another writer has moved the offset, or has acknowledged other bytes; 413 if it is more than the upload may have;
 * 460 if the check fails; 507 if there is no room.
 */
export async function appendBody(deps: AppendDeps, opened: UploadRow, body: Body): Promise<Appended> {
  await deps.reserve.requireHeld()
  const room = uploadRoom(deps, opened, body.from, body.announced)
  try {
    await room.require(Math.max(opened.offset, body.from))
    return await asHolder(deps.locks, opened.id, () => appendWithin(deps, opened, body, room))
  } finally {
    await room.release()
  }
}

async function appendWithin(deps: AppendDeps, opened: UploadRow, body: Body, room: Room): Promise<Appended> {
  const { bytes, locks, promises } = deps
  const { owned, check } = body
  const unacknowledgedFrom = promises.unacknowledged.startIn(opened)
  let end = body.from
  const source = observed(deps, opened, body, async size => {
    await room.require(size)
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
    // A checked body counts as a whole. The last byte counts at the end of the body: before, more may come than fits.
    else if (!check) await progress.commit(offset, state)
  }
  let written: Written<unknown>
  try {
    written = await bytes.append(growing(row, locks), rest, onDurable, { owned })
    check?.verify()
  } catch (error) {
    if (check) await freeUnverified(deps, row)
    if (reached && !check && !isBodyTooLarge(error)) await progress.commit(row.length!, reached.state)
    // The client has to begin again: it is unknown which bytes are there.
    if (error instanceof StorageLostError)
      await deleteUpload(deps.db, bytes, row.id, { generation: row.generation })
    throw error
  }
  await progress.commit(written.offset, written.state)
  return { row: progress.row, end }
}

/** Frees the room of a body that did not pass its check. None of it was entered into the row. */
async function freeUnverified({ bytes }: AppendDeps, row: UploadRow): Promise<void> {
  const nothing = Readable.from([])
  // If this fails, the next append overwrites them.
  await bytes.append(growing(row), nothing, async () => {}).catch(() => {})
}

/** Enters durable bytes into the upload's row. */
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
        throw await replacedError(locks, id)
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

/** @returns the rest of a body after the bytes that are stored already, and the row with the offset that it begins at. */
async function skipStored(
  { bytes, promises }: AppendDeps,
  row: UploadRow,
  source: AsyncGenerator<Uint8Array>,
  from: number,
): Promise<{ row: UploadRow; rest: AsyncIterable<Uint8Array> }> {
  if (from === row.offset) return { row, rest: source }
  const stored = await bytes.read(growing(row), { start: from, end: row.offset - 1 })
  try {
    const { at, chunk } = await overlap(source, stored, { from, to: row.offset })
    if (!chunk) return { row, rest: source }
    const differs = at < row.offset
    const rewound = differs ? await promises.rewind(row.id, at) : row
    if (!rewound) throw replaced()
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

/** @param onSize called with the offset after each chunk, before the chunk counts; the chunk waits for it. */
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
