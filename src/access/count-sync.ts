import type { Logger } from 'pino'

/** Longest time for which a request waits for the database. A burst of requests slows the database; with a shorter wait it would exceed its limit. */
const MAX_WAIT_MS = 2000
/** Time until the next attempt after a failed one. */
const RETRY_MS = 1000

/**
 * Synchronizes local counts with the database in the background, all due keys in one statement. While the database is slow or unreachable,
 * requests do not wait for it, and the keys stay due.
 */
export class CountSync {
  readonly #work: (keys: readonly string[]) => Promise<void>
  readonly #log: Pick<Logger, 'warn'>
  #due = new Set<string>()
  /** The run that has not started yet. */
  #next: Promise<boolean> | undefined
  #last: Promise<boolean> = Promise.resolve(true)
  #beganAt: number | undefined
  #failedAt = Number.NEGATIVE_INFINITY
  #isFailing = false

  /** @param work synchronizes the given keys. If it throws, the keys stay due. */
  constructor(work: (keys: readonly string[]) => Promise<void>, log: Pick<Logger, 'warn'>) {
    this.#work = work
    this.#log = log
  }

  /** Whether the database does not respond in time. The process then decides by its own counts. */
  get isUnavailable(): boolean {
    const now = performance.now()
    const isSlow = this.#beganAt !== undefined && now - this.#beganAt > MAX_WAIT_MS
    return isSlow || now - this.#failedAt < RETRY_MS
  }

  /** Synchronizes the count of a key. Never throws. @returns false if the database does not respond in time. */
  async sync(key: string): Promise<boolean> {
    this.#due.add(key)
    if (this.isUnavailable) return false
    this.#next ??= this.#begin()
    const run = this.#next
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, MAX_WAIT_MS, false)
    const isSynced = await Promise.race([run, late])
    clearTimeout(timer)
    return isSynced
  }

  #begin(): Promise<boolean> {
    const run = this.#last.then(() => this.#syncDue())
    this.#last = run
    return run
  }

  async #syncDue(): Promise<boolean> {
    this.#next = undefined
    const keys = [...this.#due]
    this.#due = new Set()
    this.#beganAt = performance.now()
    try {
      await this.#work(keys)
      this.#isFailing = false
      return true
    } catch (err) {
      for (const key of keys) this.#due.add(key)
      this.#failedAt = performance.now()
      if (!this.#isFailing)
        this.#log.warn({ err }, 'limits cannot be shared between processes now: each process counts alone')
      this.#isFailing = true
      return false
    } finally {
      this.#beganAt = undefined
    }
  }
}

/**
 * Number of uses that a process may grant before it writes them to the database. Together, the processes exceed the limit by at most this
 * number per process.
 */
export function slackOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 50))
}
