import type { Db } from '../../database/schema.ts'
import { BytesLostError, type UploadBytes } from '../bytes/upload-bytes.ts'
import { asHolder, type CompleteDeps, completeUpload, regainIfLost } from './complete-upload.ts'
import { growingUpload } from './growing-upload.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/**
 * Reads an upload's row, and finishes the upload if the row says that all bytes are durable: a process that dies between the last byte and
 * the creation of the video leaves such a row. Ignores bytes after the offset. The caller holds the upload's lock.
 * @returns the updated row. @throws BytesLostError if acknowledged bytes are missing.
 */
export async function reconcile(deps: CompleteDeps, id: string): Promise<UploadRow | undefined> {
  const { db, bytes, locks } = deps
  const row = await findUpload(db, id)
  if (!row || row.finished_at || row.concat === 'final') return row
  if (await regainIfLost(locks, row)) return reconcile(deps, id)
  await asHolder(deps, id, async () => {
    if ((await bytes.size(growingUpload(row))) < row.offset) throw new BytesLostError()
  })
  if (row.offset !== row.length) return row
  await completeUpload(deps, row)
  return findUpload(db, id)
}

/**
 * Checks that all acknowledged bytes of an upload exist. The caller needs no lock.
 * @param row as read just before. @throws BytesLostError
 */
export async function requireBytes(
  { db, bytes }: { readonly db: Db; readonly bytes: UploadBytes },
  row: UploadRow,
): Promise<void> {
  for (let now: UploadRow | undefined = row; now && !now.finished_at && now.concat !== 'final'; ) {
    if ((await bytes.size(growingUpload(now))) >= now.offset) return
    const before: UploadRow = now
    now = await findUpload(db, row.id)
    // If the row has changed, another writer moved the bytes after the row was read: compare again.
    if (now?.offset === before.offset && now.generation === before.generation && !now.finished_at)
      throw new BytesLostError()
  }
}
