import type { Db } from '../../database/schema.ts'
import { advanceOffsets, type OffsetMove } from './upload-rows.ts'

interface Waiting extends OffsetMove {
  readonly resolve: (moved: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Advances offsets in the database, many in one statement: those that come while a statement runs go into the next one. */
export class OffsetUpdates {
  readonly #db: Db
  readonly #expiry: number
  #waiting: Waiting[] = []
  #working = false

  /** @param expiry seconds after its last byte after which an unfinished upload may be removed. */
  constructor(db: Db, expiry: number) {
    this.#db = db
    this.#expiry = expiry
  }

  /**
   * Notes that bytes are durable, and moves the expiry on. Compare-and-set, so that a writer that was replaced cannot go on.
   * @returns false if the offset is not `from`, another generation writes, or the upload is finished or gone.
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
