import type { ReleaseReason } from './upload-locks.ts'

/** A question of a process to the holder of an upload. */
export type LockQuestion =
  /** To release it. Without a reason the upload is only wanted if no client writes to it. */
  | { readonly kind: 'release'; readonly reason?: ReleaseReason | undefined }
  /** Whether a client writes to it, and bytes arrived a short while ago. */
  | { readonly kind: 'is-busy' }
  /** To note that a client was told the upload's offset. */
  | { readonly kind: 'told'; readonly offset: number }

export type LockAnswer = 'released' | 'busy' | 'idle' | 'noted'

/** A message of a process to the holder of an upload, who does not answer. */
export interface LockNote {
  /** To end a writer that makes no progress for `silenceMs`. */
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

/** Messages between the processes that share locks. A message can get lost: the rows alone say who holds what. */
export interface LockMessages {
  /** Whether messages to this process arrive. */
  readonly isOpen: boolean
  /** Sends a message to the process `to`. @returns whether that process has a session, so that an answer can come. */
  send(to: string, message: LockMessage): Promise<boolean>
  onMessage(listener: (message: LockMessage) => void): void
  /** Calls `listener` when messages to this process may have been missed. */
  onMissed(listener: () => void): void
}
