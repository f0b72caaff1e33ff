/** A difference that the correction of a clock does not make, and a jump does. */
const TOLERANCE_MS = 5000

/**
 * Tells whether a clock can be believed: whether it has kept pace with the monotonic clock for a while. A clock that jumps (a wrong hardware
 * clock, a resumed machine, another database server) makes everything look old at once, and what is deleted for its age is gone. Between two
 * jumps within one observation nothing can be told.
 */
export class SteadyClock {
  readonly #graceMs: number
  readonly #monotonic: () => number
  /** By how much the clock is ahead of the monotonic one, and since when. */
  #ahead: number | undefined
  #since = 0

  /** @param graceS seconds that the clock has to run evenly. */
  constructor(graceS: number, monotonic: () => number = () => performance.now()) {
    this.#graceMs = graceS * 1000
    this.#monotonic = monotonic
  }

  /** Compares the clock. @param now what it says, in milliseconds. @returns whether it can be believed. */
  observe(now: number): boolean {
    const monotonic = this.#monotonic()
    const ahead = now - monotonic
    if (this.#ahead === undefined || Math.abs(ahead - this.#ahead) > TOLERANCE_MS) {
      this.#ahead = ahead
      this.#since = monotonic
    }
    return monotonic - this.#since >= this.#graceMs
  }
}

/** Seconds that a clock has to run evenly before anything is deleted for its age: an hour, or less for what does not live that long. */
export function graceS(lifeS: number): number {
  return Math.min(3600, lifeS)
}
