import type { UploadRow } from './upload-rows.ts'

/** What became of a body that was appended to an upload. */
export interface Appended {
  /** The upload as it is then: its offset is durable, and with the last byte there is a video. */
  readonly row: UploadRow
  /** The offset behind the body's last byte: below the upload's own where another writer had brought more. */
  readonly end: number
}
