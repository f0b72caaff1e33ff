import type { Db } from '../../database/schema.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { Appended } from './appended.ts'
import { requireHeld } from './complete-upload.ts'
import { endPromises, rewindOffset } from './promised-offsets.ts'
import { UnacknowledgedBytes } from './unacknowledged-bytes.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/**
 * An offset in a response to a client is a promise. Three rules: the upload accepts it until a request that began later has succeeded;
 * acknowledged bytes are never dropped; if two writers send different bytes and none of them are acknowledged, the bytes of the later writer
 * count. The caller holds the upload's lock.
 */
export class OffsetPromises {
  readonly unacknowledged = new UnacknowledgedBytes()
  readonly #db: Db
  readonly #locks: UploadLocks
  readonly #onChange: (id: string) => void

  /** @param onChange called with the id of an upload whose row has changed. */
  constructor(
    { db, locks }: { readonly db: Db; readonly locks: UploadLocks },
    onChange: (id: string) => void,
  ) {
    this.#db = db
    this.#locks = locks
    this.#onChange = onChange
  }

  /**
   * Call it before a response says that a body is stored: from then on its bytes are never dropped, and promises from before the request began
   * end. @param opened the row at the start of the request.
   * @returns the updated row. Its offset is the end of the body, or more if more bytes have been acknowledged.
   */
  async acknowledge(opened: UploadRow, { row, end }: Appended): Promise<UploadRow> {
    const { id } = row
    const settled = end < row.offset ? ((await this.rewind(id, end)) ?? row) : row
    this.unacknowledged.forget(id)
    const added = end < settled.offset ? end : undefined
    if (opened.promised.length === 0 && added === undefined) return settled
    await endPromises(this.#db, id, opened.promised, added)
    this.#onChange(id)
    return settled
  }

  /**
   * Drops the bytes from offset `to` on. @returns the updated row; undefined, and drops nothing, if one of the bytes is acknowledged.
   * @throws ApiError 423 if another process has taken the upload over.
   */
  async rewind(id: string, to: number): Promise<UploadRow | undefined> {
    for (;;) {
      const row = await findUpload(this.#db, id)
      if (row) await requireHeld(this.#locks, row)
      if (!row || row.finished_at || this.unacknowledged.startIn(row) > to) return undefined
      this.#onChange(id)
      if (await rewindOffset(this.#db, row, to)) return { ...row, offset: to }
    }
  }
}
