import type { ProcessSession } from '../../database/process-session.ts'
import { processOf } from './holder-ids.ts'
import type { LockMessage, LockMessages } from './lock-messages.ts'

/**
 * Sends lock messages with LISTEN and NOTIFY on this process's session. The session also holds an advisory lock for the process. PostgreSQL
 * frees it when the process ends, so that other processes do not wait for an answer.
 */
export class PgLockMessages implements LockMessages {
  readonly #session: ProcessSession
  readonly #listeners: ((message: LockMessage) => void)[] = []

  /** @param session must be open. @param holder the UUID of this process. */
  static async open(session: ProcessSession, holder: string): Promise<PgLockMessages> {
    const messages = new PgLockMessages(session)
    const channel = channelOf(holder)
    await session.hold(async client => {
      // Shared, because PostgreSQL may not have ended the previous session of this process yet.
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

/** The NOTIFY channel and the name of the advisory lock of a process. @param holder either id of the process. */
function channelOf(holder: string): string {
  return `longtake_locks_${processOf(holder)}`
}
