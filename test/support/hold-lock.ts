import type { Hold, RunOptions, UploadLocks } from '../../src/uploads/locks/upload-locks.ts'

export interface HeldLock {
  readonly hold: Hold
  /** Releases the lock, and waits until it is free. */
  end(): Promise<void>
}

/** Takes an upload's lock, and keeps it until `end`. @throws what `run` throws. */
export async function holdLock(locks: UploadLocks, id: string, options?: RunOptions): Promise<HeldLock> {
  const over = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<Hold>()
  const run = locks.run(
    id,
    async hold => {
      begun.resolve(hold)
      await over.promise
    },
    options,
  )
  run.catch(begun.reject)
  const hold = await begun.promise
  return {
    hold,
    async end() {
      over.resolve()
      await run
    },
  }
}
