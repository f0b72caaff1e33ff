/** Time over which the speed is averaged. */
const WINDOW_MS = 10_000
/** A speed that was measured for a shorter time is not shown. */
const MIN_MS = 1500

/** Measures the speed of one upload over the last seconds. */
export class SpeedMeter {
  #samples: { readonly timeMs: number; readonly bytes: number }[] = []

  /** @param bytes sent so far. Fewer than before mean that the upload has started again. */
  add(bytes: number, timeMs: number): void {
    const last = this.#samples.at(-1)
    if (last && bytes < last.bytes) this.#samples = []
    this.#samples.push({ timeMs, bytes })
    while (this.#samples.length > 2 && this.#samples[1]!.timeMs < timeMs - WINDOW_MS) this.#samples.shift()
  }

  /** Forgets everything: the time of a pause does not count. */
  reset(): void {
    this.#samples = []
  }

  /** @returns undefined until it has measured for long enough */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.timeMs - first.timeMs < MIN_MS) return undefined
    return ((last.bytes - first.bytes) / (last.timeMs - first.timeMs)) * 1000
  }
}
