import { stillLocked, stopping } from './release-errors.ts'
import type { Hold, ReleaseReason, RunOptions, UploadLocks } from './upload-locks.ts'

/** A newcomer waits at most this long while the holder saves its bytes. */
const MAX_WAIT_MS = 10_000
/** A holder counts as busy if bytes have arrived within this time. */
const BUSY_WINDOW_MS = 2000

class MemoryHold implements Hold {
  releaseReason: ReleaseReason | undefined
  promisedOffset: number | undefined
  takeover = false
  generation: number | undefined
  readonly released: Promise<void>
  readonly release: () => void
  readonly #onRelease: (reason: ReleaseReason) => void
  /** In the time of `performance.now()`. */
  lastProgressMs: number

  constructor(onRelease: (reason: ReleaseReason) => void, lastProgressMs: number) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onRelease = onRelease
    this.lastProgressMs = lastProgressMs
    this.released = promise
    this.release = resolve
  }

  requestRelease(reason: ReleaseReason): void {
    if (this.releaseReason) return
    this.releaseReason = reason
    this.#onRelease(reason)
  }

  madeProgressWithin(ms: number): boolean {
    return performance.now() - this.lastProgressMs < ms
  }
}

/** Locks in memory, for a process that is the only one that writes to the uploads. Waiting requests do not poll. */
export class MemoryLocks implements UploadLocks {
  readonly holder: string | undefined
  readonly #holds = new Map<string, MemoryHold>()
  #isStopping = false

  /** @param options.whileStopping whether `work` also runs after `releaseAll`. */
  async run<T>(
    id: string,
    work: (hold: MemoryHold) => Promise<T>,
    {
      signal,
      onRelease = () => {},
      reason = 'newcomer',
      whileStopping = false,
    }: RunOptions & { readonly whileStopping?: boolean } = {},
  ): Promise<T> {
    const isRefused = () => this.#isStopping && !whileStopping
    // Created only if there is a holder to wait for, because a timer and a signal cost more than the rest of this method.
    let deadline: AbortSignal | undefined
    for (let hold = this.#holds.get(id); hold && !isRefused(); hold = this.#holds.get(id)) {
      deadline ??= AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(MAX_WAIT_MS)])
      hold.requestRelease(reason)
      await settled(hold.released, deadline)
      if (deadline.aborted && !isRefused()) throw stillLocked()
    }
    if (isRefused()) throw stopping()
    // No `await` may come between the last read of `#holds` and this line.
    return this.#runAs(new MemoryHold(onRelease, performance.now()), id, work)
  }

  async tryRun<T>(id: string, work: (hold: MemoryHold) => Promise<T>): Promise<T | undefined> {
    if (this.#holds.has(id)) return undefined
    return this.#runAs(new MemoryHold(() => {}, Number.NEGATIVE_INFINITY), id, work)
  }

  progress(id: string): void {
    const hold = this.#holds.get(id)
    if (hold) hold.lastProgressMs = performance.now()
  }

  holdOf(id: string): MemoryHold | undefined {
    return this.#holds.get(id)
  }

  settle(): void {}

  async notePromise(): Promise<void> {}

  async isBusy(id: string): Promise<boolean> {
    return this.#holds.get(id)?.madeProgressWithin(BUSY_WINDOW_MS) ?? false
  }

  endSilent(id: string, silenceMs: number): void {
    const hold = this.#holds.get(id)
    if (!hold) return
    // Compare the time of the last progress instead of the time elapsed, because a timer may fire slightly early.
    const { lastProgressMs } = hold
    const timer = setTimeout(() => {
      if (hold.lastProgressMs === lastProgressMs) hold.requestRelease('newcomer')
    }, silenceMs)
    void hold.released.then(() => clearTimeout(timer))
  }

  async confirm(): Promise<boolean> {
    return true
  }

  async regain(): Promise<boolean> {
    return true
  }

  /** Does nothing, because no other process can change an upload. */
  onChange(): void {}

  async releaseAll(): Promise<void> {
    this.#isStopping = true
    await Promise.all(
      [...this.#holds.values()].map(hold => {
        hold.requestRelease('stop')
        return hold.released
      }),
    )
  }

  async #runAs<T>(hold: MemoryHold, id: string, work: (hold: MemoryHold) => Promise<T>): Promise<T> {
    this.#holds.set(id, hold)
    try {
      return await work(hold)
    } finally {
      this.#holds.delete(id)
      hold.release()
    }
  }
}

/** Resolves when the promise resolves or the signal aborts. */
async function settled(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = () => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) resolve()
  await Promise.race([promise, aborted])
  signal.removeEventListener('abort', onAbort)
}
