import type { ReleaseReason } from './upload-locks.ts'

/** A process asks the holder of an upload to release it. */
export interface ReleaseRequest {
  readonly kind: 'release'
  readonly id: string
  /** Absent if the upload is only wanted when nobody writes to it. */
  readonly reason?: ReleaseReason | undefined
  /** The process that asks. */
  readonly from: string
}

/** The holder's answer: it has released the upload, or a client is writing to it. */
export interface ReleaseAnswer {
  readonly kind: 'released' | 'busy'
  readonly id: string
}

export type LockMessage = ReleaseRequest | ReleaseAnswer

/** Messages between the processes that share locks. A message can get lost: the rows alone say who holds what. */
export interface LockMessages {
  /** Whether messages to this process arrive. */
  readonly isOpen: boolean
  /** Sends a message to the process `to`. @returns whether that process has a session, so that an answer can come. */
  send(to: string, message: LockMessage): Promise<boolean>
  onMessage(listener: (message: LockMessage) => void): void
  /** Calls `listener` when messages to this process may have been missed. */
  onMissed(listener: () => void): void
  close(): Promise<void>
}
