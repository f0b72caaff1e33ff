import type { Lock, Locker, RequestRelease } from '@tus/utils'
import { ApiError } from '../errors.ts'

/** How long a newcomer waits for the holder to put its bytes in safety, in milliseconds. */
const PATIENCE = 10_000
/** A holder without progress for this long counts as stalled, in milliseconds. */
const STALLED_AFTER = 2000

interface Held {
  readonly requestRelease: RequestRelease
  readonly released: Promise<void>
  lastProgress: number
}

/**
 * One writer an upload, in this process. A newcomer asks the holder to let go at once: on a bad network the newcomer is the same
 * client again, and the holder a connection that nobody is at the end of. Waiting costs nothing, unlike with `MemoryLocker`, which spins.
 */
export class UploadLocks implements Locker {
  readonly #held = new Map<string, Held>()

  newLock(id: string): Lock {
    let release: (() => void) | undefined
    return {
      lock: async (signal, requestRelease) => {
        release = await this.#acquire(id, signal, requestRelease)
      },
      unlock: async () => release?.(),
    }
  }

  /** Runs `work` as the upload's only writer, where nobody else is. @returns undefined, without running it, where somebody is. */
  async ifFree<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#held.has(id)) return undefined
    const release = this.#take(id, () => {}, Number.NEGATIVE_INFINITY)
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** Notes that the holder's bytes arrive. */
  progress(id: string): void {
    const held = this.#held.get(id)
    if (held) held.lastProgress = performance.now()
  }

  /** Whether somebody, a client or the sweeper, has the upload. */
  isHeld(id: string): boolean {
    return this.#held.has(id)
  }

  /** Whether a client writes to the upload, and its bytes have arrived of late. */
  isBusy(id: string): boolean {
    const held = this.#held.get(id)
    return held !== undefined && performance.now() - held.lastProgress < STALLED_AFTER
  }

  /** Asks all holders to let go, and waits until they have. */
  async releaseAll(): Promise<void> {
    await Promise.all(
      [...this.#held.values()].map(async held => {
        await held.requestRelease()
        await held.released
      }),
    )
  }

  async #acquire(id: string, signal: AbortSignal, requestRelease: RequestRelease): Promise<() => void> {
    // Made only where somebody has to wait: timers and signals cost more than all of the rest.
    let deadline: AbortSignal | undefined
    for (let held = this.#held.get(id); held; held = this.#held.get(id)) {
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
      await held.requestRelease()
      await settled(held.released, deadline)
      if (deadline.aborted) {
        throw new ApiError(
          423,
          'upload_locked',
          'The upload is being written to by another request: try again.',
        )
      }
    }
    return this.#take(id, requestRelease, performance.now())
  }

  #take(id: string, requestRelease: RequestRelease, lastProgress: number): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    const held: Held = { requestRelease, released: promise, lastProgress }
    this.#held.set(id, held)
    return () => {
      if (this.#held.get(id) === held) this.#held.delete(id)
      resolve()
    }
  }
}

/** Resolves when the promise does or the signal aborts, whichever is first. */
async function settled(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = () => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) resolve()
  await Promise.race([promise, aborted])
  signal.removeEventListener('abort', onAbort)
}
