/** Why a holder is asked to release its lock. */
export type ReleaseReason = 'newcomer' | 'deletion' | 'stop'

/** An upload's lock while one writer has it. */
export interface Hold {
  /** Why the writer was asked to release the lock; undefined if nobody asked. */
  readonly releaseReason: ReleaseReason | undefined
  /** The offset that a client was told last since the writer began. */
  told: number | undefined
  /** Whether a writer of another process may still write to the files that it wrote to. True until `settle` is called. */
  readonly takeover: boolean
  /** The generation in the upload's row that this process acquired; undefined if locks are not shared with other processes. */
  readonly generation: number | undefined
}

export interface RunOptions {
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal
  /** Called once if the lock is to be released: `work` should then save what it has, and return. */
  readonly onRelease?: (reason: ReleaseReason) => void
  /** The reason that the present holder is given; `newcomer` if it is absent. */
  readonly reason?: ReleaseReason
  /** Whether `work` creates the upload, under an id that no one else knows. */
  readonly isNew?: boolean
}

/**
 * One writer per upload. A newcomer asks the holder to release at once: on a bad network the newcomer is usually the same client again, and
 * the holder a dead connection. Not covered: fairness among several that wait.
 */
export interface UploadLocks {
  /** The id of this process in the column `lock_holder`; undefined if locks are not shared with other processes. */
  readonly holder: string | undefined
  /** Runs `work` as the upload's only writer. @throws ApiError 423 if the holder does not release in time, 503; and what `work` throws. */
  run<T>(id: string, work: (hold: Hold) => Promise<T>, options?: RunOptions): Promise<T>
  /** Runs `work` only if no client writes to the upload, and disturbs none. @returns undefined if it did not run. */
  tryRun<T>(id: string, work: (hold: Hold) => Promise<T>): Promise<T | undefined>
  /** Notes that bytes of the upload arrive. */
  progress(id: string): void
  /** Notes that the row names a file that only this process writes to. */
  settle(id: string): void
  /** The writer in this process, if there is one. */
  holdOf(id: string): Hold | undefined
  /**
   * Tells the holder in another process that a client is about to be told the offset, and waits a short while until it knows: what it
   * remembers of the row lacks the promise.
   * @param upload `lock_holder` as the row names it.
   */
  told(upload: {
    readonly id: string
    readonly offset: number
    readonly lock_holder: string | null
  }): Promise<void>
  /** Whether a client writes to the upload, in whichever process, and bytes arrived a short while ago. */
  isBusy(id: string): Promise<boolean>
  /** Asks the writer, in whichever process, to release once it makes no progress for `silenceMs`: its client is gone. */
  endSilent(id: string, silenceMs: number): void
  /** Whether the writer in this process still has the lock, after an update of its row found nothing to update. */
  confirm(id: string): Promise<boolean>
  /** Calls `listener` when another process may have changed an upload, or any of them: what is remembered of its row may be wrong then. */
  onChange(listener: (id: string | undefined) => void): void
  /** Asks all holders to release, and waits until they have. Nobody gets a lock from then on. */
  releaseAll(): Promise<void>
}
