import type { GrowingUpload } from '../bytes/upload-bytes.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { UploadRow } from './upload-rows.ts'

/** The argument of `UploadBytes` for an upload's row. @param locks needed for writing: the caller holds the upload's lock. */
export function growingUpload(
  row: Pick<UploadRow, 'id' | 'offset' | 'storage_state'>,
  locks?: UploadLocks,
): GrowingUpload<unknown> {
  const takeover = locks?.holdOf(row.id)?.takeover ?? false
  return { id: row.id, offset: row.offset, state: row.storage_state, takeover }
}
