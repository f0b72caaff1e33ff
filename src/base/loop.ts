import { setImmediate as afterIo } from 'node:timers/promises'
import type { Logger } from 'pino'

/** Delay after the first failure in a row (the interval if that is shorter), and the limit up to which it doubles. */
const FIRST_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 5000
/** A timer with a longer delay would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

export interface LoopOptions {
  /** Milliseconds between the end of a turn and the start of the next. */
  readonly intervalMs: number
  /** Lengthens or shortens each interval at random by up to this share (0 to 1), so that processes do not all run at the same moment. */
  readonly jitter?: number
  /** Whether the first turn waits for the interval, or for `wake()`. By default it runs at once. */
  readonly waitsFirst?: boolean
  readonly log: Pick<Logger, 'info' | 'error'>
  /** Log message for a turn that threw. It appears once, until a turn succeeds or the error changes. */
  readonly failed: string
  /** Log message for the first success after a failure. */
  readonly recovered?: string
}

/**
 * Repeats a turn until it is stopped. One turn at a time.
 *
 * - resting: ends after the interval, or at once by `wake()`
 * - running: a `wake()` meanwhile starts one more turn afterwards, however often it was called
 * - backing off, after a turn that threw: the delay doubles with each failure. `wake()` does not shorten it, so that new work does not
 *   multiply the attempts against something that is down.
 */
export class Loop {
  readonly #turn: (signal: AbortSignal) => Promise<unknown>
  readonly #options: LoopOptions
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #isWoken = false
  #endRest: (() => void) | undefined
  #failures = 0
  #lastError: string | undefined

  /** @param turn resolves to true if there is more to do: the next turn then starts at once. Its signal aborts when the loop is stopped. */
  constructor(turn: (signal: AbortSignal) => Promise<unknown>, options: LoopOptions) {
    this.#turn = turn
    this.#options = options
  }

  /** Returns at once. Has no effect on a loop that was started or stopped before. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Makes the next turn start now, or directly after the current one. Before `start()` it has no effect. */
  wake(): void {
    this.#isWoken = true
    this.#endRest?.()
  }

  /** Waits for the current turn; there is none afterwards. A turn must not await this itself. @param reason of the turn's signal. */
  async stop(reason?: Error): Promise<void> {
    this.#stopping.abort(reason)
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    if (this.#options.waitsFirst) await this.#rest(this.#interval(), true)
    while (!signal.aborted) {
      this.#isWoken = false
      try {
        const hasMore = await this.#turn(signal)
        this.#noteSuccess()
        if (hasMore === true) await afterIo()
        else await this.#rest(this.#interval(), true)
      } catch (error) {
        if (signal.aborted) return
        this.#noteFailure(error)
        await this.#rest(this.#backoff(), false)
      }
    }
  }

  #rest(ms: number, canBeWoken: boolean): Promise<void> {
    const { signal } = this.#stopping
    if (signal.aborted) return Promise.resolve()
    if (canBeWoken && this.#isWoken) return afterIo()
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#endRest = undefined
        resolve()
      }
      const timer = setTimeout(end, Math.min(ms, MAX_TIMER_MS))
      signal.addEventListener('abort', end)
      if (canBeWoken) this.#endRest = end
    })
  }

  #interval(): number {
    const { intervalMs, jitter = 0 } = this.#options
    return intervalMs * (1 + jitter * (2 * Math.random() - 1))
  }

  #backoff(): number {
    const first = Math.min(this.#options.intervalMs, FIRST_BACKOFF_MS)
    return Math.min(first * 2 ** (this.#failures - 1), MAX_BACKOFF_MS)
  }

  #noteSuccess(): void {
    const { log, recovered } = this.#options
    if (this.#failures > 0 && recovered && !this.#stopping.signal.aborted) log.info(recovered)
    this.#failures = 0
    this.#lastError = undefined
  }

  #noteFailure(error: unknown): void {
    this.#failures++
    const text = String(error)
    if (text !== this.#lastError) this.#options.log.error({ err: error }, this.#options.failed)
    this.#lastError = text
  }
}
