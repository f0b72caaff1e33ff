/** Ends one use of a share. */
export type Release = () => void

/** Counts the concurrent uses of a limited resource per caller. */
export interface ShareCounts {
  /** Counts one more use. @returns the function that ends it; undefined if `most` are in use. */
  take(key: string, most: number): Promise<Release | undefined>
}

/** Counts the uses in this process. */
export class LocalShareCounts implements ShareCounts {
  readonly #taken = new Map<string, number>()

  async take(key: string, most: number): Promise<Release | undefined> {
    const taken = this.#taken.get(key) ?? 0
    if (taken >= most) return undefined
    this.#taken.set(key, taken + 1)
    return () => {
      const left = this.#taken.get(key)! - 1
      if (left > 0) this.#taken.set(key, left)
      else this.#taken.delete(key)
    }
  }
}
