import type { ProcessSession } from '../../database/process-session.ts'
import { processOf } from './holder-ids.ts'
import type { LockMessage, LockMessages } from './lock-messages.ts'

/**
 * Lock messages by LISTEN and NOTIFY on the session of this process. The session also holds an advisory lock that stands for the process:
 * PostgreSQL frees it when the process ends, so that others need not wait for an answer.
 */
export class PgLockMessages implements LockMessages {
  readonly #session: ProcessSession
  readonly #listeners: ((message: LockMessage) => void)[] = []

  /** @param session an open one. @param holder the UUID of this process. */
  static async open(session: ProcessSession, holder: string): Promise<PgLockMessages> {
    const messages = new PgLockMessages(session)
    const channel = channelOf(holder)
    await session.hold(async client => {
      // Shared, because the session before this one may not have ended yet.
      await client.query('select pg_advisory_lock_shared(hashtextextended($1, 0))', [channel])
    })
    await session.listen(channel, payload => {
      const message = JSON.parse(payload) as LockMessage
      for (const listener of messages.#listeners) listener(message)
    })
    return messages
  }

  private constructor(session: ProcessSession) {
    this.#session = session
  }

  get isOpen(): boolean {
    return this.#session.isOpen
  }

  async send(to: string, message: LockMessage): Promise<boolean> {
    if (!this.#session.isOpen) return false
    const [row] = await this.#session.query<{ is_gone: boolean }>(
      'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as is_gone, pg_notify($1, $2)',
      [channelOf(to), JSON.stringify(message)],
    )
    return row?.is_gone === false
  }

  onMessage(listener: (message: LockMessage) => void): void {
    this.#listeners.push(listener)
  }

  onMissed(listener: () => void): void {
    this.#session.onLost(listener)
    this.#session.onReopened(listener)
  }
}

/** A channel for NOTIFY, and the name of the advisory lock. @param holder either id of a process. */
function channelOf(holder: string): string {
  return `longtake_locks_${processOf(holder)}`
}
