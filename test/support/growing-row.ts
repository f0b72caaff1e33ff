import { v7 as uuid } from 'uuid'
import type { GrowingUpload } from '../../src/uploads/bytes/upload-bytes.ts'

/** An upload's row without a database, as far as its bytes are concerned. It says what a statement has committed. */
export class GrowingRow implements GrowingUpload<unknown> {
  readonly id = uuid()
  offset = 0
  state: unknown = null
  takeover = false

  /** A state that went through the database. */
  commit = async (offset: number, state: unknown) => {
    this.offset = offset
    this.state = JSON.parse(JSON.stringify(state))
  }
}
