import type { GrowingUpload } from '../bytes/upload-bytes.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { UploadRow } from './upload-rows.ts'

/** The argument of `UploadBytes` for an upload's row. @param locks needed for writing: the caller holds the upload's lock. */
export function growingUpload(
  row: Pick<UploadRow, 'id' | 'offset' | 'storage_state' | 'generation'>,
  locks?: UploadLocks,
): GrowingUpload<unknown> {
  const takeover = locks?.holdOf(row.id)?.takeover ?? false
  const { id, offset, storage_state, generation } = row
  return { id, offset, state: storage_state, takeover, generation }
}
