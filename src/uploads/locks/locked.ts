import type { Release, UploadLocks } from './upload-locks.ts'

/** A request that has an upload's lock. */
export interface LockHolder {
  /** Why it was asked to release the lock; undefined if it was not. */
  readonly release: Release | undefined
}

/** Ends a request, from inside or outside. */
export interface Cancellation {
  readonly signal: AbortSignal
  readonly abort: () => void
}

/**
 * Runs `work` under an upload's lock. A request to release it reaches `context`.
 * @param reason what the holder before is told.
 */
export async function locked<T>(
  locks: UploadLocks,
  id: string,
  context: Cancellation,
  work: (holder: LockHolder) => Promise<T>,
  reason?: Release,
): Promise<T> {
  const lock = locks.newLock(id, reason)
  const holder: { release: Release | undefined } = { release: undefined }
  await lock.lock(context.signal, (reason: Release = 'newcomer') => {
    holder.release ??= reason
    context.abort()
  })
  try {
    return await work(holder)
  } finally {
    await lock.unlock()
  }
}
