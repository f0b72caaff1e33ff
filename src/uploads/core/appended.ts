import type { UploadRow } from './upload-rows.ts'

/** The result of appending a body to an upload. */
export interface Appended {
  /** The row after the body. If it is finished, the upload is a video. */
  readonly row: UploadRow
  /** The offset after the body's last byte. It is less than the upload's offset if another writer had already stored more. */
  readonly end: number
}
