import type { Lock, Locker } from '@tus/utils'
import { ApiError, databaseUnavailable } from '../../base/errors.ts'
import type { Hold } from '../core/promised-offsets.ts'
import { stopping } from '../core/upload-errors.ts'

/** How long a newcomer waits for the holder to put its bytes in safety, in milliseconds. */
const PATIENCE_MS = 10_000
/** A holder whose bytes have not arrived for this long is no longer waited for, in milliseconds. */
const PAUSE_MS = 2000

/**
 * Why a holder is to let go: another request wants the upload, or wants it removed, or the service stops, or another process could be
 * writing to uploads.
 */
export type Release = 'newcomer' | 'deletion' | 'stop' | 'lost'

type RequestRelease = (reason: Release) => Promise<void> | void

interface Held extends Hold {
  readonly requestRelease: RequestRelease
  readonly released: Promise<void>
  lastProgress: number
}

/**
 * One writer an upload, in this process. A newcomer asks the holder to let go at once: on a bad network the newcomer is the same
 * client again, and the holder a connection that nobody is at the end of. Waiting costs nothing, unlike with `MemoryLocker`, which spins.
 * Nothing is locked while another process could be writing to uploads.
 */
export class UploadLocks implements Locker {
  readonly #held = new Map<string, Held>()
  readonly #isAlone: () => boolean
  #losses = 0
  /** Called when another process could begin to write to uploads: what is known of them may be wrong then. */
  onLost = () => {}
  #isStopping = false

  /** @param isAlone whether no other process can be writing to uploads. */
  constructor(isAlone = () => true) {
    this.#isAlone = isAlone
  }

  /** @param reason what the holder is told that has to let go. */
  newLock(id: string, reason: Release = 'newcomer'): Lock {
    let release: (() => void) | undefined
    return {
      lock: async (signal, requestRelease: RequestRelease) => {
        release = await this.#acquire(id, reason, signal, requestRelease)
      },
      unlock: async () => release?.(),
    }
  }

  /** Runs `work` as the upload's only writer, where nobody else is. @returns undefined, without running it, where somebody is. */
  async ifFree<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#held.has(id) || !this.#isAlone()) return undefined
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

  /** Whoever has the upload now. */
  holdOf(id: string): Hold | undefined {
    return this.#held.get(id)
  }

  /** Whether a client writes to the upload, and its bytes have arrived of late. */
  isBusy(id: string): boolean {
    return this.#isProgressing(this.#held.get(id), PAUSE_MS)
  }

  /** Ends the upload's holder once it has made no progress for `silence` milliseconds: nobody is at its end. */
  endSilent(id: string, silence: number): void {
    const held = this.#held.get(id)
    if (!held) return
    const timer = setTimeout(() => {
      if (!this.#isProgressing(held, silence)) void held.requestRelease('newcomer')
    }, silence)
    void held.released.then(() => clearTimeout(timer))
  }

  /** To be called when another process could begin to write to uploads: all holders are asked to let go. */
  lose(): void {
    this.#losses++
    this.onLost()
    for (const held of this.#held.values()) void held.requestRelease('lost')
  }

  /** @returns what throws ApiError 503 if, since now, another process could have been writing to uploads. */
  tenure(): () => void {
    const losses = this.#losses
    return () => {
      if (losses !== this.#losses || !this.#isAlone()) throw databaseUnavailable()
    }
  }

  /** Asks all holders to let go, and waits until they have; nobody takes an upload from then on. */
  async releaseAll(): Promise<void> {
    this.#isStopping = true
    await Promise.all(
      [...this.#held.values()].map(async held => {
        await held.requestRelease('stop')
        await held.released
      }),
    )
  }

  #isProgressing(held: Held | undefined, within: number): boolean {
    return held !== undefined && performance.now() - held.lastProgress < within
  }

  async #acquire(
    id: string,
    reason: Release,
    signal: AbortSignal,
    requestRelease: RequestRelease,
  ): Promise<() => void> {
    // Made only where somebody has to wait: timers and signals cost more than all of the rest.
    let deadline: AbortSignal | undefined
    for (let held = this.#held.get(id); held; held = this.#held.get(id)) {
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
      await held.requestRelease(reason)
      await settled(held.released, deadline)
      if (this.#isStopping) break
      if (deadline.aborted) {
        throw new ApiError(
          423,
          'upload_locked',
          'The upload is being written to by another request: try again.',
        )
      }
    }
    if (this.#isStopping) throw stopping()
    if (!this.#isAlone()) throw databaseUnavailable()
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
