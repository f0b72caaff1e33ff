import type { Db } from '../../database/schema.ts'
import { advanceOffsets, type OffsetMove } from './upload-rows.ts'

interface Waiting extends OffsetMove {
  readonly resolve: (moved: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Advances offsets in the database in groups: all updates that are requested while a statement runs share the next statement. */
export class OffsetUpdates {
  readonly #db: Db
  readonly #expiry: number
  #waiting: Waiting[] = []
  #working = false

  /** @param expiry an unfinished upload may be removed this many seconds after its last byte. */
  constructor(db: Db, expiry: number) {
    this.#db = db
    this.#expiry = expiry
  }

  /**
   * Advances an upload's offset after bytes have become durable, and its time of expiry. This is a compare-and-set, so a writer that was
   * replaced cannot continue.
   * @returns false if the offset is not `from`, the upload has another generation, or it is finished or gone.
   */
  advance(move: OffsetMove): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.#waiting.push({ ...move, resolve, reject })
    void this.#work()
    return promise
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        const moved = new Set(await advanceOffsets(this.#db, group, this.#expiry))
        for (const { id, resolve } of group) resolve(moved.has(id))
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#working = false
  }
}
