import type pg from 'pg'
import type { Logger } from 'pino'
import { Loop } from '../../base/loop.ts'
import { closeSession, openSession } from '../../database/session.ts'
import type { LockMessage, LockMessages } from './lock-messages.ts'

/** The connection is used at least this often, so that a dead one is noticed. */
const HEARTBEAT_MS = 15_000

/**
 * Lock messages by LISTEN and NOTIFY, on a connection of its own. The connection also holds an advisory lock that stands for this process:
 * PostgreSQL frees it when the process ends, so that others need not wait for an answer. A lost connection is made again.
 */
export class PgLockMessages implements LockMessages {
  readonly #url: string
  readonly #holder: string
  readonly #loop: Loop
  readonly #messageListeners: ((message: LockMessage) => void)[] = []
  readonly #missedListeners: (() => void)[] = []
  #client: pg.Client | undefined

  /** Returns at once; the connection is made in the background. @param holder the UUID of this process. */
  constructor(url: string, holder: string, log: Logger) {
    this.#url = url
    this.#holder = holder
    this.#loop = new Loop(() => this.#beat(), {
      intervalMs: HEARTBEAT_MS,
      log,
      failed: 'no lock messages from other processes: each request acquires its upload in the database',
      recovered: 'lock messages from other processes arrive again',
    })
    this.#loop.start()
  }

  get isOpen(): boolean {
    return this.#client !== undefined
  }

  async send(to: string, message: LockMessage): Promise<boolean> {
    const { rows } = (await this.#client?.query<{ is_gone: boolean }>(
      'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as is_gone, pg_notify($1, $2)',
      [channelOf(to), JSON.stringify(message)],
    )) ?? { rows: [] }
    return rows[0]?.is_gone === false
  }

  onMessage(listener: (message: LockMessage) => void): void {
    this.#messageListeners.push(listener)
  }

  onMissed(listener: () => void): void {
    this.#missedListeners.push(listener)
  }

  async close(): Promise<void> {
    await this.#loop.stop()
    const client = this.#client
    this.#client = undefined
    if (client) await closeSession(client)
  }

  async #beat(): Promise<void> {
    this.#client ??= await this.#connect()
    const client = this.#client
    await client.query('select').catch(error => {
      this.#drop(client)
      throw error
    })
  }

  async #connect(): Promise<pg.Client> {
    const client = await openSession(this.#url, 'longtake locks', lost => this.#drop(lost))
    client.on('notification', ({ payload = '' }) => {
      const message = JSON.parse(payload) as LockMessage
      for (const listener of this.#messageListeners) listener(message)
    })
    const channel = channelOf(this.#holder)
    try {
      // Shared, because the session before this one may not have ended yet.
      await client.query('select pg_advisory_lock_shared(hashtextextended($1, 0))', [channel])
      await client.query(`listen "${channel}"`)
    } catch (error) {
      await closeSession(client)
      throw error
    }
    return client
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    for (const listener of this.#missedListeners) listener()
    void closeSession(client)
    this.#loop.wake()
  }
}

/** A channel for NOTIFY, and the name of the advisory lock. */
function channelOf(holder: string): string {
  return `longtake_locks_${holder}`
}
