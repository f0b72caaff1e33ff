/** Bytes that all uploads of this process hold in memory together, as long as clients send faster than the storage takes them. */
const MAX_BYTES = 256 * 2 ** 20

/** Counts the bytes in memory. Whoever finds it short sends what it has, and waits until that is stored. */
export class MemoryBudget {
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes
  }

  get isShort(): boolean {
    return this.#bytes > this.#maxBytes
  }

  /** @param bytes negative if they are freed. */
  add(bytes: number): void {
    this.#bytes += bytes
  }
}
