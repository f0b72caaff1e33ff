import type { UploadRow } from './upload-rows.ts'

const MAX_ROWS = 2000

/**
 * The last row that this process wrote for each unfinished upload, which saves a SELECT per PATCH. An entry may be out of date: use it
 * only while the storage has exactly `offset` bytes, and compare the offset in the UPDATE that advances it. Rows of complete uploads are
 * not cached, because they must be finished.
 */
export class UploadRowCache {
  // Least recently stored first.
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
    if (this.#rows.size > MAX_ROWS && oldest !== undefined) this.#rows.delete(oldest)
  }

  forget(id: string): void {
    this.#rows.delete(id)
  }

  clear(): void {
    this.#rows.clear()
  }
}
