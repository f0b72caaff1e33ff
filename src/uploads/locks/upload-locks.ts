/** The reason for asking a holder to release its lock. */
export type ReleaseReason = 'newcomer' | 'deletion' | 'stop'

/** An upload's lock while a writer holds it. */
export interface Hold {
  /** The reason for which the writer must release the lock; undefined if it may keep it. */
  readonly releaseReason: ReleaseReason | undefined
  /** The last offset that a response to a client has contained since the writer started. */
  promisedOffset: number | undefined
  /** Whether the previous writer, in another process, may still write to its files. True until `settle` is called. */
  readonly takeover: boolean
  /** The generation in the upload's row that this process acquired; undefined if locks are not shared with other processes. */
  readonly generation: number | undefined
}

export interface RunOptions {
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal
  /** Called at most once, to ask for the release of the lock: `work` should then save its bytes and return. */
  readonly onRelease?: (reason: ReleaseReason) => void
  /** The reason for asking the present holder to release the lock; `newcomer` by default. */
  readonly reason?: ReleaseReason
  /** Whether `work` creates the upload with a new id. */
  readonly isNew?: boolean
}

/**
 * Allows one writer per upload. A newcomer asks the holder to release the lock at once, because on a bad network the newcomer is usually the
 * same client, and the holder is its lost connection. Not covered: fairness among several waiting requests.
 */
export interface UploadLocks {
  /** The id of this process in the column `lock_holder`; undefined if locks are not shared with other processes. */
  readonly holder: string | undefined
  /** Runs `work` as the upload's only writer. @throws ApiError 423 if the holder does not release it in time, 503; and the errors of `work`. */
  run<T>(id: string, work: (hold: Hold) => Promise<T>, options?: RunOptions): Promise<T>
  /** Runs `work` only if no client is writing to the upload. Does not interrupt a writer. @returns undefined if `work` did not run. */
  tryRun<T>(id: string, work: (hold: Hold) => Promise<T>): Promise<T | undefined>
  /** Records that bytes of the upload have arrived. */
  progress(id: string): void
  /** Records that the row names a file that only this process writes to. */
  settle(id: string): void
  /** The writer in this process, if there is one. */
  holdOf(id: string): Hold | undefined
  /**
   * Tells the holder in another process that a response to a client will contain the offset, because the holder's cached row lacks this
   * promise. Waits briefly for its answer. @param upload `lock_holder` as in the row.
   */
  notePromise(upload: {
    readonly id: string
    readonly offset: number
    readonly lock_holder: string | null
  }): Promise<void>
  /** Whether a client is writing to the upload, in any process, and bytes have arrived recently. */
  isBusy(id: string): Promise<boolean>
  /** Ends the writer, in any process, if it makes no progress for `silenceMs`, because its client has disconnected. */
  endSilent(id: string, silenceMs: number): void
  /** Whether the writer in this process still has the lock. Call it after an update of the upload's row matched no row. */
  confirm(id: string): Promise<boolean>
  /**
   * Acquires the upload again for the writer in this process, which `confirm` said has lost it, if no client is writing to it elsewhere.
   * @returns whether it did; then the upload's row has changed.
   */
  regain(id: string): Promise<boolean>
  /** Calls `listener` when another process may have changed an upload (undefined: any upload), so that a cached row may be wrong. */
  onChange(listener: (id: string | undefined) => void): void
  /** Asks all holders to release their locks and waits until they have. From then on, no request gets a lock. */
  releaseAll(): Promise<void>
}
