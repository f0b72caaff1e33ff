/** Limit of the bytes that all uploads of this process hold in memory together while clients send faster than the storage accepts. */
const MAX_BYTES = 256 * 2 ** 20

/** Counts the bytes in memory. A writer that finds the budget short stores its bytes and waits for that. */
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
