import type { Logger } from 'pino'

/** Longest wait of a request for a settlement. Less would let a burst of requests, which slows the settlement down, exceed its own limit. */
const PATIENCE_MS = 2000
/** Time until the next attempt after a failed one. */
const RETRY_MS = 1000

/**
 * Settles local counts with the database in the background: one statement at a time for all keys that are due. While the database is slow
 * or cannot be reached, nobody waits for it, and the keys stay due.
 */
export class Settlement {
  readonly #work: (keys: readonly string[]) => Promise<void>
  readonly #log: Pick<Logger, 'warn'>
  #due = new Set<string>()
  /** The settlement that has not begun yet. */
  #next: Promise<boolean> | undefined
  #last: Promise<boolean> = Promise.resolve(true)
  #beganAt: number | undefined
  #failedAt = Number.NEGATIVE_INFINITY
  #isReported = false

  /** @param work settles these keys. If it throws, they are settled again later. */
  constructor(work: (keys: readonly string[]) => Promise<void>, log: Pick<Logger, 'warn'>) {
    this.#work = work
    this.#log = log
  }

  /** Whether the database does not answer in time, so that a process has to decide by its own counts. */
  get isAway(): boolean {
    const now = performance.now()
    const isSlow = this.#beganAt !== undefined && now - this.#beganAt > PATIENCE_MS
    return isSlow || now - this.#failedAt < RETRY_MS
  }

  /** Settles a key with its present counts. Never throws. @returns whether it is settled; false if the database does not answer in time. */
  async settle(key: string): Promise<boolean> {
    this.#due.add(key)
    if (this.isAway) return false
    this.#next ??= this.#begin()
    const settled = this.#next
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, PATIENCE_MS, false)
    const isSettled = await Promise.race([settled, late])
    clearTimeout(timer)
    return isSettled
  }

  #begin(): Promise<boolean> {
    const run = this.#last.then(() => this.#settleDue())
    this.#last = run
    return run
  }

  async #settleDue(): Promise<boolean> {
    this.#next = undefined
    const keys = [...this.#due]
    this.#due = new Set()
    this.#beganAt = performance.now()
    try {
      await this.#work(keys)
      this.#isReported = false
      return true
    } catch (err) {
      for (const key of keys) this.#due.add(key)
      this.#failedAt = performance.now()
      if (!this.#isReported)
        this.#log.warn({ err }, 'limits cannot be shared with other processes now, each counts alone')
      this.#isReported = true
      return false
    } finally {
      this.#beganAt = undefined
    }
  }
}

/**
 * Uses of a limit that a process may grant before it has told the other processes about them. The processes together exceed the limit by
 * at most this number for each of them.
 */
export function slackOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 50))
}
