/**
 * Runs the requests of each key in the order in which they began. A client that sends chunks without numbers relies on that order, although
 * the bodies of its requests may end in any order.
 */
export class ArrivalOrder {
  readonly #last = new Map<string, Promise<void>>()

  /** Joins the queue of `key`. `turn` resolves when all earlier requests have ended; `end` gives the turn to the next, and must be called. */
  enter(key: string): { readonly turn: Promise<void>; readonly end: () => void } {
    const turn = this.#last.get(key) ?? Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const ended = turn.then(() => promise)
    this.#last.set(key, ended)
    return {
      turn,
      end: () => {
        resolve()
        void ended.then(() => {
          if (this.#last.get(key) === ended) this.#last.delete(key)
        })
      },
    }
  }
}
