/** A larger difference is a jump, not a gradual correction of the clock. */
const TOLERANCE_MS = 5000

/**
 * Decides whether a clock is reliable: it must have run at the rate of the monotonic clock for a while. After a jump (a wrong hardware clock, a
 * resumed machine, another database server) everything could look old at once and be deleted. Two jumps that cancel each other between two
 * observations are not noticed.
 */
export class SteadyClock {
  readonly #graceMs: number
  readonly #monotonic: () => number
  /** Milliseconds by which the clock is ahead of the monotonic clock, and since when. */
  #ahead: number | undefined
  #since = 0

  /** @param graceS seconds for which the clock must have run evenly. */
  constructor(graceS: number, monotonic: () => number = () => performance.now()) {
    this.#graceMs = graceS * 1000
    this.#monotonic = monotonic
  }

  /** Compares the clocks. @param now time of the clock, milliseconds since 1970. @returns whether the clock is reliable. */
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

/** Seconds for which a clock must have run evenly before anything is deleted because of its age: one hour, or the lifetime if that is shorter. */
export function graceS(lifeS: number): number {
  return Math.min(3600, lifeS)
}
