import { BytesLostError } from '../bytes/upload-bytes.ts'
import { type CompleteDeps, completeUpload } from './complete-upload.ts'
import { growing } from './growing-upload.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/**
 * Reads an upload's row, and finishes the upload if the row says that all bytes are durable: a process that died between the last byte
 * and the commit leaves such a row. Bytes after the offset count for nothing. The caller holds the upload's lock.
 * @returns the row afterwards. @throws BytesLostError if acknowledged bytes are missing.
 */
export async function reconcile(deps: CompleteDeps, id: string): Promise<UploadRow | undefined> {
  const { db, bytes } = deps
  const row = await findUpload(db, id)
  if (!row || row.finished_at || row.concat === 'final') return row
  if ((await bytes.size(growing(row))) < row.offset) throw new BytesLostError()
  if (row.offset !== row.length) return row
  await completeUpload(deps, row)
  return findUpload(db, id)
}
