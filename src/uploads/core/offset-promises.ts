import type { Db } from '../../database/schema.ts'
import type { Appended } from './appended.ts'
import { endPromises, rewindOffset } from './promised-offsets.ts'
import { UnacknowledgedBytes } from './unacknowledged-bytes.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/**
 * Keeps what clients were told of an upload's offset. Three rules: an offset that was told is accepted until a request that began later
 * has succeeded; bytes that anybody was told of are never dropped; where two writers send different bytes that nobody was told of, those
 * of the later one count. Callers hold the upload's lock.
 */
export class OffsetPromises {
  readonly unacknowledged = new UnacknowledgedBytes()
  readonly #db: Db
  readonly #onChange: (id: string) => void

  /** @param onChange called with an upload whose row changes. */
  constructor(db: Db, onChange: (id: string) => void) {
    this.#db = db
    this.#onChange = onChange
  }

  /**
   * To be called before a client is told that its body was taken in: from then on its bytes are never dropped, and the promises that were
   * made before it began are over. @param opened the row that it began with.
   * @returns the row as it is then: its offset is the body's end, or more where somebody was told of more.
   */
  async acknowledge(opened: UploadRow, { row, end }: Appended): Promise<UploadRow> {
    const { id } = row
    const settled = end < row.offset ? ((await this.rewind(id, end)) ?? row) : row
    this.unacknowledged.forget(id)
    const added = end < settled.offset ? end : undefined
    if (opened.promised.length === 0 && added === undefined) return settled
    await endPromises(this.#db, id, opened.promised.length, added)
    this.#onChange(id)
    return settled
  }

  /** Drops bytes that nobody was told of. @returns the row then; undefined, and nothing is dropped, when somebody was told of some. */
  async rewind(id: string, to: number): Promise<UploadRow | undefined> {
    for (;;) {
      const row = await findUpload(this.#db, id)
      if (!row || row.finished_at || this.unacknowledged.startIn(row) > to) return undefined
      this.#onChange(id)
      if (await rewindOffset(this.#db, row, to)) return { ...row, offset: to }
    }
  }
}
