import { StartError } from '../base/errors.ts'
import type { Db } from '../database/schema.ts'
import type { ObjectStorage } from '../objects/object-storage.ts'

/** Prevents an import into a directory of another service. @throws StartError if the files of the latest videos are not in the storage. */
export async function requireOwnFiles(db: Db, storage: ObjectStorage, dataDir: string): Promise<void> {
  const latest = await db
    .selectFrom('all_videos')
    .select('storage_key')
    .where('status', '<>', 'uploading')
    .$narrowType<{ storage_key: string }>()
    .orderBy('created_at', 'desc')
    .limit(5)
    .execute()
  for (const { storage_key } of latest) if ((await storage.size(storage_key)) !== undefined) return
  if (latest.length > 0)
    throw new StartError(
      `DATA_DIR: ${dataDir} does not contain the files of the videos in this database. Set it to the directory of the service.`,
    )
}
