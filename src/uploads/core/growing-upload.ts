import type { GrowingUpload } from '../bytes/upload-bytes.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { objectKeyOf, type UploadRow } from './upload-rows.ts'

/** The argument of `UploadBytes` for an upload's row. @param locks needed for writing: the caller holds the upload's lock. */
export function growingUpload(
  row: Pick<UploadRow, 'id' | 'offset' | 'storage_state' | 'generation'> &
    Partial<Pick<UploadRow, 'finished_at' | 'object_key'>>,
  locks?: UploadLocks,
): GrowingUpload<unknown> {
  const takeover = locks?.holdOf(row.id)?.takeover ?? false
  const { id, offset, storage_state, generation, finished_at, object_key = null } = row
  const object = finished_at ? { object: objectKeyOf({ id, object_key }) } : {}
  return { id, offset, state: storage_state, takeover, generation, ...object }
}
