import type { UploadRow } from './upload-rows.ts'

const MAX_UPLOADS = 2000

interface UnacknowledgedEnd {
  readonly from: number
  readonly to: number
  /** The writer's generation. If the row has another one, another process may have acknowledged these bytes since. */
  readonly generation: number
}

/**
 * Remembers which stored bytes at the end of an upload have not been acknowledged to any client, because their writer was cut off or is
 * still writing. Only these bytes may be dropped. All bytes that are not listed here, for example after a restart, count as acknowledged.
 */
export class UnacknowledgedBytes {
  // Least recently updated first.
  readonly #ends = new Map<string, UnacknowledgedEnd>()

  /** Notes that a writer advanced the upload's offset to `to` and has not acknowledged the bytes from `from` on. */
  note({ id, generation }: Pick<UploadRow, 'id' | 'generation'>, from: number, to: number): void {
    this.#ends.delete(id)
    if (from >= to) return
    this.#ends.set(id, { from, to, generation })
    const [oldest] = this.#ends.keys()
    if (this.#ends.size > MAX_UPLOADS && oldest !== undefined) this.#ends.delete(oldest)
  }

  forget(id: string): void {
    this.#ends.delete(id)
  }

  /** Offset of the first byte that may be dropped; the upload's offset if there is none. */
  startIn({ id, offset, promised, generation, finished_at }: UploadRow): number {
    const end = this.#ends.get(id)
    // A different offset means that another process has written since.
    if (finished_at || end?.to !== offset || end.generation !== generation) return offset
    return Math.max(end.from, ...promised)
  }
}
