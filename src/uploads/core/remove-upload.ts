import type { Kysely } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { UploadBytes } from '../bytes/upload-bytes.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { type DeleteUploadOptions, deleteUpload } from './upload-rows.ts'

export interface RemoveUploadDeps {
  readonly db: Kysely<Schema>
  readonly bytes: UploadBytes
  readonly reserve: Reserve
  readonly locks: UploadLocks
}

/**
 * Removes the row and the bytes of an upload that is not yet a video. The caller holds its lock.
 * @param options as for `deleteUpload`.
 * @returns false, and removes nothing, if the upload is finished, gone or no longer expired, or if another process has taken it over.
 */
export async function removeUpload(
  { db, bytes, reserve, locks }: RemoveUploadDeps,
  id: string,
  options: DeleteUploadOptions = {},
): Promise<boolean> {
  const generation = locks.holdOf(id)?.generation
  const deleted = await reserve.spend(() => deleteUpload(db, bytes, id, { generation, ...options }))
  if (!deleted) return false
  await bytes.remove(id, deleted.storage_state)
  return true
}
