import { ApiError } from '../errors.ts'
import type { Reserve } from '../storage/reserve.ts'
import { StorageLostError } from '../storage/storage.ts'
import type { Limit } from './allowance.ts'
import { type CatchUpParts, sealOf } from './catch-up.ts'
import type { BodyCheck } from './checksum.ts'
import type { OffsetUpdates } from './offset-updates.ts'
import { replaced } from './upload-errors.ts'
import type { UploadLocks } from './upload-locks.ts'
import { deleteUpload, type UploadRow, uploadKey } from './upload-rows.ts'

export interface AppendParts extends CatchUpParts {
  readonly offsets: OffsetUpdates
  readonly reserve: Reserve
  readonly locks: UploadLocks
  /** What an upload may come to have. */
  readonly limitOf: (row: UploadRow) => Promise<Limit>
  /** Seconds after the last byte after which an unfinished upload may be removed. */
  readonly expiry: number
}

export interface Body {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Whether nobody else uses its chunks, so that their memory can be given back. */
  readonly owned: boolean
  readonly check?: BodyCheck | undefined
}

/**
 * Appends a body to an upload: batched writes, sync, one statement. With a check, all of the body counts or none of it.
 * @param row as it was opened under the upload's lock. @returns as it is then: its offset is durable, and with the last byte there is
 * a video.
 * @throws ApiError 409 where another writer has moved the offset, 413 where it is more than it may have, 460 where the check fails, 507
 * where there is no room.
 */
export async function appendBody(parts: AppendParts, row: UploadRow, body: Body): Promise<UploadRow> {
  const { id, length } = row
  const { owned, check } = body
  const { db, storage, offsets, finish, expiry } = parts
  await parts.reserve.requireHeld()
  let durable = row.offset
  let limit = await parts.limitOf(row)
  let finished = false
  const advance = async (size: number) => {
    if (size === length && !finished) {
      // The last byte counts in the transaction that makes the upload a video. If the process ends before it, the seal says that it may.
      await storage.seal(uploadKey(id), sealOf(row))
      await finish(id, size)
      finished = true
    } else if (size !== durable && !finished && !(await offsets.advance(id, durable, size))) throw replaced()
    durable = size
    // Others of the same owner's may have grown as well.
    if (length === null && Number.isFinite(limit.bytes)) limit = await parts.limitOf(row)
  }
  // Bytes that are to be verified count once they are.
  const onDurable = check ? async () => {} : advance
  try {
    const source = observed(parts, row, body, () => limit)
    const size = await storage.append(uploadKey(id), row.offset, source, onDurable, { owned })
    check?.verify()
    await advance(size)
    return {
      ...row,
      offset: size,
      expires_at: size === row.offset ? row.expires_at : new Date(Date.now() + expiry * 1000),
      finished_at: finished ? new Date() : null,
    }
  } catch (error) {
    // What stands behind the offset is another writer's, where one has moved it.
    if (check && !(error instanceof ApiError && error.status === 409))
      await storage.truncate(uploadKey(id), row.offset)
    // Nobody knows which bytes are there: the client has to begin again.
    if (error instanceof StorageLostError) await deleteUpload(db, id, { onlyExpired: false })
    throw error
  }
}

async function* observed(
  { locks }: AppendParts,
  { id, offset }: UploadRow,
  { bytes, check }: Body,
  limit: () => Limit,
): AsyncIterable<Uint8Array> {
  let size = offset
  for await (const chunk of bytes) {
    locks.progress(id)
    size += chunk.byteLength
    const { bytes: most, error } = limit()
    if (size > most) throw error
    check?.update(chunk)
    yield chunk
  }
}
