/**
 * Orders the requests of each key by their arrival. A client that sends chunks without numbers relies on this order, although the bodies of
 * its requests can end in any order.
 */
export class ArrivalOrder {
  readonly #last = new Map<string, Promise<void>>()

  /** Joins the queue of `key`. `turn` resolves when all earlier requests have ended. `end` must be called, so that the next request can run. */
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
