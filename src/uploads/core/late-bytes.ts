import type { Db } from '../../database/schema.ts'
import { noteRemoval } from '../../objects/removals.ts'
import type { UploadBytes } from '../bytes/upload-bytes.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { objectKeyOf } from './upload-rows.ts'

export interface LateBytesDeps {
  readonly db: Db
  readonly bytes: UploadBytes
  readonly locks: UploadLocks
}

/**
 * Has the bytes removed that this process stored after another one had finished or deleted the upload, because it was frozen for longer
 * than the other's removals are repeated. Does nothing while the upload goes on: its writer knows that there may be such bytes.
 */
export async function removeLateBytes({ db, bytes }: LateBytesDeps, id: string): Promise<void> {
  // The bytes of a video in the bin are used, too.
  const upload = await db.selectFrom('all_uploads').selectAll().where('id', '=', id).executeTakeFirst()
  if (upload && !upload.finished_at) return
  const video = await db
    .selectFrom('all_videos')
    .select('storage_key')
    .where('id', '=', id)
    .executeTakeFirst()
  const used = [video?.storage_key, upload && objectKeyOf(upload)]
  await noteRemoval(db, ...bytes.keys(id).filter(key => !used.includes(key)))
}
