import { v7 as uuid } from 'uuid'
import type { GrowingUpload } from '../../src/uploads/bytes/upload-bytes.ts'

/** An upload's row without a database, as far as its bytes are concerned. It says what a statement has committed. */
export class GrowingRow implements GrowingUpload<unknown> {
  readonly id = uuid()
  offset = 0
  state: unknown = null
  takeover = false
  generation = 1

  /** A state that went through the database. */
  commit = async (offset: number, state: unknown) => {
    this.offset = offset
    this.state = JSON.parse(JSON.stringify(state), inOtherOrder)
  }
}

/** A column of PostgreSQL's type jsonb does not keep the order of members. */
function inOtherOrder(_name: string, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? Object.fromEntries(Object.entries(value).reverse()) : value
}
