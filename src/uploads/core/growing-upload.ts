import type { GrowingUpload } from '../bytes/upload-bytes.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { UploadRow } from './upload-rows.ts'

/** An upload as `UploadBytes` takes it. @param locks of the caller, who holds the upload's lock; reading needs none. */
export function growing(
  row: Pick<UploadRow, 'id' | 'offset' | 'storage_state'>,
  locks?: UploadLocks,
): GrowingUpload<unknown> {
  const takeover = locks?.holdOf(row.id)?.takeover ?? false
  return { id: row.id, offset: row.offset, state: row.storage_state, takeover }
}
