import type { UploadRow } from './upload-rows.ts'

/** Uploads that are remembered at most. */
const CAPACITY = 2000

/**
 * Which bytes at the end of an upload nobody was told of: the last writer was cut off, or still writes. Only those may be dropped. What
 * this process does not know, after a restart for example, counts as acknowledged.
 */
export class UnacknowledgedBytes {
  // In the order in which they were last noted.
  readonly #ends = new Map<string, { readonly from: number; readonly to: number }>()

  /** Notes that a writer brought the upload's offset to `to`, and that nobody was told of the bytes from `from` on. */
  note(id: string, from: number, to: number): void {
    this.#ends.delete(id)
    if (from >= to) return
    this.#ends.set(id, { from, to })
    const [oldest] = this.#ends.keys()
    if (this.#ends.size > CAPACITY && oldest !== undefined) this.#ends.delete(oldest)
  }

  forget(id: string): void {
    this.#ends.delete(id)
  }

  clear(): void {
    this.#ends.clear()
  }

  /** Where the bytes of an upload begin that may be dropped; its offset if there are none. */
  startIn({ id, offset, promised, finished_at }: UploadRow): number {
    const end = this.#ends.get(id)
    // Another process may have written since.
    if (finished_at || end?.to !== offset) return offset
    return Math.max(end.from, ...promised)
  }
}
