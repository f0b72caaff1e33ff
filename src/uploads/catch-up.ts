import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { type Storage, StorageLostError } from '../storage/storage.ts'
import type { OffsetUpdates } from './offset-updates.ts'
import { damaged } from './upload-errors.ts'
import { deleteUpload, findUpload, setUnverified, type UploadRow, uploadKey } from './upload-rows.ts'

export interface CatchUpParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  readonly offsets: OffsetUpdates
  /** Makes a video of an upload whose bytes are all durable. */
  readonly finish: (id: string, length: number) => Promise<void>
}

/**
 * Brings an upload's row in line with its bytes: after a crash there are more than it knows of (contiguous, because they are written in
 * order), and perhaps all of them. Nobody may be writing. @returns the row as it is then.
 * @throws ApiError 410 where bytes are missing, StorageLostError where they cannot be made durable; the upload is given up then.
 */
export async function catchUp(parts: CatchUpParts, id: string): Promise<UploadRow | undefined> {
  const { db, storage, offsets, finish } = parts
  const row = await findUpload(db, id)
  if (!row || row.finished_at || row.concat === 'final') return row
  if (row.unverified) await dropUnverified(parts, row)
  const found = (await storage.size(uploadKey(id))) ?? 0
  if (found < row.offset) throw damaged()
  const size = Math.min(found, row.length ?? found)
  if (size === row.offset && size !== row.length) return row
  await storage.sync(uploadKey(id)).catch(async error => {
    if (error instanceof StorageLostError) await giveUp(parts, id)
    throw error
  })
  if (size === row.length) await finish(id, size)
  else await offsets.advance(id, row.offset, size)
  return findUpload(db, id)
}

/** Takes away bytes that were not verified; a crash before leaves the row saying so, and `catchUp` does it. */
export async function dropUnverified(
  { db, storage }: Pick<CatchUpParts, 'db' | 'storage'>,
  { id, offset }: UploadRow,
): Promise<void> {
  await storage.truncate(uploadKey(id), offset)
  await setUnverified(db, id, false)
}

/** After a sync that failed nobody knows which bytes are there: the client has to begin again. */
export async function giveUp({ db }: Pick<CatchUpParts, 'db'>, id: string): Promise<void> {
  await deleteUpload(db, id, { onlyExpired: false })
}
