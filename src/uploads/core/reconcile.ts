import type { Kysely } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import { damaged } from './upload-errors.ts'
import { findUpload, type UploadRow, uploadKey } from './upload-rows.ts'

export interface CatchUpParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  /** Makes a video of an upload whose bytes are all durable. */
  readonly finish: (id: string, length: number, generation?: number) => Promise<void>
}

/**
 * Brings an upload's row in line with its bytes after a crash: finishes it where all of them are known to be durable. Others that stand
 * behind the offset are nothing, and the next that is written takes their place. Nobody may be writing. @returns the row as it is then.
 * @throws ApiError 410 where bytes are missing.
 */
export async function catchUp(parts: CatchUpParts, id: string): Promise<UploadRow | undefined> {
  const { db, storage, finish } = parts
  const row = await findUpload(db, id)
  if (!row || row.finished_at || row.concat === 'final') return row
  const { length, offset } = row
  const size = (await storage.size(uploadKey(id))) ?? 0
  if (size < offset) throw damaged()
  if (length === null) return row
  const whole = offset === length || (size === length && (await storage.isSealed(uploadKey(id), sealOf(row))))
  if (!whole) return row
  if (size > length) await storage.truncate(uploadKey(id), length)
  await finish(id, length)
  return findUpload(db, id)
}

/** An hour before the upload was created: no write leaves that time. */
export function sealOf({ created_at }: UploadRow): Date {
  return new Date(1000 * (Math.floor(created_at.getTime() / 1000) - 3600))
}
