/**
 * Lets those who came first go first, for each key. A client that sends without numbers means the order in which its requests began, while
 * the bodies of several can end in any order.
 */
export class ArrivalOrder {
  readonly #last = new Map<string, Promise<void>>()

  /** Takes a place in the queue of `key`. `turn` is when all before have ended; `end` lets the next go on, and must be called. */
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
