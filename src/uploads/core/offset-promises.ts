import type { Db } from '../../database/schema.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { Appended } from './appended.ts'
import { requireHeld } from './complete-upload.ts'
import { endPromises, rewindOffset } from './promised-offsets.ts'
import { UnacknowledgedBytes } from './unacknowledged-bytes.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/**
 * An offset that a client was told is a promise. Three rules: it is accepted until a request that began later has succeeded; acknowledged
 * bytes are never dropped; if two writers send different bytes that no client was told of, those of the later writer count. The caller
 * holds the upload's lock.
 */
export class OffsetPromises {
  readonly unacknowledged = new UnacknowledgedBytes()
  readonly #db: Db
  readonly #locks: UploadLocks
  readonly #onChange: (id: string) => void

  /** @param onChange called with the id of an upload whose row changes. */
  constructor(
    { db, locks }: { readonly db: Db; readonly locks: UploadLocks },
    onChange: (id: string) => void,
  ) {
    this.#db = db
    this.#locks = locks
    this.#onChange = onChange
  }

  /**
   * Call it before a client is told that its body is stored: from then on the bytes are never dropped, and promises from before the
   * request began end. @param opened the row as the request found it.
   * @returns the row afterwards. Its offset is the end of the body, or more if another client was told of more.
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
   * Drops bytes from offset `to` on. @returns the row afterwards; undefined, and drops nothing, if a client was told of one of them.
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
