import { ApiError } from '../../base/errors.ts'
import { StorageLostError } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { takenOver } from '../locks/release-errors.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { Limits } from './allowance.ts'
import type { Appended } from './appended.ts'
import type { BodyCheck } from './body-check.ts'
import type { OffsetPromises } from './offset-promises.ts'
import type { OffsetUpdates } from './offset-updates.ts'
import { type CatchUpParts, sealOf } from './reconcile.ts'
import { type Announced, type Room, uploadRoom } from './room.ts'
import { overlap } from './stored-overlap.ts'
import { isBodyTooLarge, replaced } from './upload-errors.ts'
import { deleteUpload, type UploadRow, uploadKey } from './upload-rows.ts'

export interface AppendParts extends CatchUpParts {
  readonly offsets: OffsetUpdates
  readonly reserve: Reserve
  readonly locks: UploadLocks
  readonly promises: OffsetPromises
  readonly limits: Limits
  /** Seconds after the last byte after which an unfinished upload may be removed. */
  readonly expiry: number
}

export interface Body {
  readonly bytes: AsyncIterable<Uint8Array>
  /** The offset of its first byte: the upload's own, or one that was promised and that another writer has passed since. */
  readonly from: number
  /** Whether nobody else uses its chunks, so that their memory can be given back. */
  readonly owned: boolean
  /** Bytes that it has, as far as that is known. */
  readonly announced?: Announced | undefined
  readonly check?: BodyCheck | undefined
}

/**
 * Appends a body to an upload: batched writes, sync, one statement. What is stored already of a body is compared and not written again;
 * where it differs from bytes that nobody was told of, the body takes their place. With a check, all of the body counts or none of it.
 * @param opened as it was opened under the upload's lock.
 * @throws ApiError 409 where another writer has moved the offset, or has acknowledged other bytes; 413 where it is more than it may have,
 * 460 where the check fails, 507 where there is no room.
 */
export async function appendBody(parts: AppendParts, opened: UploadRow, body: Body): Promise<Appended> {
  await parts.reserve.requireHeld()
  const room = uploadRoom(parts, opened, body.from, body.announced)
  try {
    await room.require(Math.max(opened.offset, body.from))
    return await appendWithin(parts, opened, body, room)
  } finally {
    await room.release()
  }
}

async function appendWithin(
  parts: AppendParts,
  opened: UploadRow,
  body: Body,
  room: Room,
): Promise<Appended> {
  const { storage, offsets, finish, expiry, promises } = parts
  const { id, length } = opened
  const { owned, check } = body
  const unacknowledgedFrom = promises.unacknowledged.startIn(opened)
  const requireTenure = parts.locks.tenure()
  let end = body.from
  const source = observed(parts, opened, body, async size => {
    requireTenure()
    await room.require(size)
    end = size
  })
  const { row, rest } = await skipStored(parts, opened, source, body.from)
  if (row.finished_at) {
    check?.verify()
    return { row, end }
  }
  let durable = row.offset
  let finished = false
  const advance = async (size: number) => {
    requireTenure()
    if (size === length && !finished) {
      // The last byte counts in the transaction that makes the upload a video. If the process ends before it, the seal says that it may.
      await storage.seal(uploadKey(id), sealOf(row))
      await finish(id, size, row.generation)
      finished = true
    } else if (size !== durable && !finished) {
      const { generation } = row
      if (!(await offsets.advance({ id, from: durable, to: size, generation })))
        throw await replacedError(parts, id)
    }
    durable = size
    promises.unacknowledged.note(id, unacknowledgedFrom, durable)
  }
  let isReached = false
  // Bytes that are to be verified count once they are. The last byte counts with the end of the body: before that, more may come than fits.
  const onDurable = async (size: number) => {
    isReached = size === length
    if (!check && !isReached) await advance(size)
  }
  try {
    const size = await storage.append(uploadKey(id), row.offset, rest, onDurable, { owned })
    check?.verify()
    await advance(size)
    const written = {
      ...row,
      offset: size,
      expires_at: size === row.offset ? row.expires_at : new Date(Date.now() + expiry * 1000),
      finished_at: finished ? new Date() : null,
    }
    return { row: written, end }
  } catch (error) {
    if (isReached && !check && !isBodyTooLarge(error)) await advance(length!)
    await undo(parts, row, check !== undefined, error)
    throw error
  }
}

/** Why a writer could not move the offset: another process took its upload over, or another writer moved it. */
async function replacedError({ locks }: AppendParts, id: string): Promise<ApiError> {
  return (await locks.confirm(id)) ? replaced() : takenOver()
}

/** Leaves nothing behind of a body that failed and does not count. */
async function undo(
  { db, storage }: AppendParts,
  row: UploadRow,
  isChecked: boolean,
  error: unknown,
): Promise<void> {
  // What stands behind the offset is another writer's, where one has moved it.
  if (isChecked && !(error instanceof ApiError && [409, 423].includes(error.status)))
    await storage.truncate(uploadKey(row.id), row.offset)
  // Nobody knows which bytes are there: the client has to begin again.
  if (error instanceof StorageLostError) await deleteUpload(db, row.id)
}

/** What of a body is to be written, and the upload's row from whose offset on. */
async function skipStored(
  { storage, promises }: AppendParts,
  row: UploadRow,
  source: AsyncGenerator<Uint8Array>,
  from: number,
): Promise<{ row: UploadRow; rest: AsyncIterable<Uint8Array> }> {
  if (from === row.offset) return { row, rest: source }
  const stored = await storage.read(uploadKey(row.id), { start: from, end: row.offset - 1 })
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

/** @param onSize called with the offset behind each chunk before it counts; the chunk waits for it. */
async function* observed(
  { locks }: AppendParts,
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
