import type { ReleaseReason } from './upload-locks.ts'

/** A question to the process that holds an upload. */
export type LockQuestion =
  /** Please release the upload. Without a reason: only if no client is writing to it. */
  | {
      readonly kind: 'release'
      readonly reason?: ReleaseReason | undefined
      /** The generation in the row when the question was sent; absent in messages of earlier versions. */
      readonly generation?: number | undefined
    }
  /** Is a client writing to it, and have bytes arrived recently? */
  | { readonly kind: 'is-busy' }
  /** Please note that a response to a client contains this offset. */
  | { readonly kind: 'told'; readonly offset: number }

/** `outdated`: the holder has acquired the upload again since the question was sent. */
export type LockAnswer = 'released' | 'busy' | 'outdated' | 'idle' | 'noted'

/** A message to the process that holds an upload. It gets no answer. */
export interface LockNote {
  /** Please end the writer if it makes no progress for `silenceMs`. */
  readonly kind: 'end-silent'
  readonly silenceMs: number
}

export type LockMessage = { readonly id: string } & (
  | (LockQuestion & {
      /** The process that asks. */
      readonly from: string
      readonly number: number
    })
  | { readonly kind: 'answer'; readonly answer: LockAnswer; readonly number: number }
  | LockNote
)

/** Messages between the processes that share locks. A message can get lost, so only the rows say which process holds an upload. */
export interface LockMessages {
  /** Whether messages to this process arrive. */
  readonly isOpen: boolean
  /** Sends a message to the process `to`. @returns whether that process has a session and can answer. */
  send(to: string, message: LockMessage): Promise<boolean>
  onMessage(listener: (message: LockMessage) => void): void
  /** Calls `listener` when messages to this process may have been missed. */
  onMissed(listener: () => void): void
}
