import type { UploadRow } from './upload-rows.ts'

/** Rows that are kept at most. */
const CAPACITY = 2000

/**
 * Rows of unfinished uploads as this process has left them, so that the next piece needs no question to the database. Another process may
 * have written since: a row counts only while the upload has just as many bytes as it says. So none is kept that could be finished without
 * a further byte, and the statement that moves the offset on compares it all the same.
 */
export class KnownRows {
  // In the order in which they were last kept.
  readonly #rows = new Map<string, UploadRow>()

  get(id: string): UploadRow | undefined {
    return this.#rows.get(id)
  }

  keep(row: UploadRow): void {
    const { id, length, offset } = row
    this.#rows.delete(id)
    if (length === null || offset >= length || row.concat === 'final') return
    this.#rows.set(id, row)
    const [oldest] = this.#rows.keys()
    if (this.#rows.size > CAPACITY && oldest !== undefined) this.#rows.delete(oldest)
  }

  forget(id: string): void {
    this.#rows.delete(id)
  }

  clear(): void {
    this.#rows.clear()
  }
}
