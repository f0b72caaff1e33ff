import type { UploadRow } from './upload-rows.ts'

/** The result of appending a body to an upload. */
export interface Appended {
  /** The row afterwards. If it is finished, the upload is a video. */
  readonly row: UploadRow
  /** The offset after the body's last byte. It is less than the upload's own if another writer had stored more. */
  readonly end: number
}
