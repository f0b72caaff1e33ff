import { Loop, type LoopOptions } from '../base/loop.ts'

/** A loop that runs only while it is needed. */
export class OnDemandLoop {
  readonly #turn: () => Promise<unknown>
  readonly #isNeeded: () => boolean
  readonly #options: LoopOptions
  #loop: Loop | undefined
  #isClosed = false

  /** @param isNeeded checked before each turn; the loop stops if it returns false. */
  constructor(turn: () => Promise<unknown>, isNeeded: () => boolean, options: LoopOptions) {
    this.#turn = turn
    this.#isNeeded = isNeeded
    this.#options = options
  }

  /** Has no effect if the loop is running or closed. */
  start(): void {
    if (this.#loop || this.#isClosed) return
    this.#loop = new Loop(() => this.#run(), { ...this.#options, waitsFirst: true })
    this.#loop.start()
  }

  close(): void {
    this.#isClosed = true
    this.#stop()
  }

  #stop(): void {
    void this.#loop?.stop()
    this.#loop = undefined
  }

  async #run(): Promise<void> {
    if (this.#isNeeded()) await this.#turn()
    else this.#stop()
  }
}
