import type pg from 'pg'
import type { Logger } from 'pino'
import { Loop } from '../base/loop.ts'
import { closeSession, openSession } from './session.ts'

/** The connection is used at least this often, so that a lost connection is noticed. */
const HEARTBEAT_MS = 15_000
/**
 * Settings with which PostgreSQL detects that a client has disconnected, in seconds. By default, it would keep the advisory locks of an
 * unreachable machine for two hours.
 */
const KEEPALIVES = { tcp_keepalives_idle: 20, tcp_keepalives_interval: 5, tcp_keepalives_count: 4 }

/** @param isOwn whether this process has sent it. */
type OnPayload = (payload: string, isOwn: boolean) => void

/**
 * A connection outside the pool for the whole life of this process. It receives NOTIFY and holds advisory locks, which PostgreSQL frees when
 * the process ends for any reason. After a loss, the connection is opened again with its locks and channels.
 */
export class ProcessSession {
  readonly #url: string
  readonly #loop: Loop
  readonly #locks: ((client: pg.Client) => Promise<void>)[] = []
  readonly #channels = new Map<string, OnPayload>()
  readonly #reopenedListeners: (() => void)[] = []
  readonly #lostListeners: (() => void)[] = []
  #client: pg.Client | undefined
  #isOpened = false
  #isClosed = false

  constructor(url: string, log: Logger) {
    this.#url = url
    this.#loop = new Loop(() => this.#beat(), {
      intervalMs: HEARTBEAT_MS,
      log,
      failed:
        'no messages from other processes: their work is found by SWEEP_INTERVAL, and each upload request asks the database',
      recovered: 'messages from other processes arrive again',
    })
  }

  /** Connects for the first time; later calls do nothing. @throws the errors of the locks; Error if there is no connection. */
  async open(): Promise<void> {
    if (this.#isOpened) return
    this.#client = await this.#connect()
    this.#isOpened = true
    this.#loop.start()
  }

  get isOpen(): boolean {
    return this.#client !== undefined
  }

  /** Takes an advisory lock on the present connection, if there is one, and on each later connection before that counts as open. */
  async hold(take: (client: pg.Client) => Promise<void>): Promise<void> {
    this.#locks.push(take)
    await this.#now(take)
  }

  /** Calls `listener` with each message on a channel, from now on. @param channel letters, digits, `_` and `-`. */
  async listen(channel: string, listener: OnPayload): Promise<void> {
    this.#channels.set(channel, listener)
    await this.#now(async client => void (await client.query(`listen "${channel}"`)))
  }

  /** Calls `listener` each time a connection replaces a lost one, because messages may have been missed. */
  onReopened(listener: () => void): void {
    this.#reopenedListeners.push(listener)
  }

  /** Calls `listener` when the connection is lost, because messages are missed from then on. */
  onLost(listener: () => void): void {
    this.#lostListeners.push(listener)
  }

  /** @throws Error without a connection. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = this.#client
    if (!client) throw new Error('Connection terminated: the session of this process is being reopened')
    return (await client.query<Row>(text, values)).rows
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#loop.stop()
    const client = this.#client
    this.#client = undefined
    if (client) await closeSession(client)
  }

  /** Runs work on the present connection. Ignores its failure if the connection is lost, because the next connection repeats the work. */
  async #now(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = this.#client
    if (!client) return
    try {
      await work(client)
    } catch (error) {
      if (this.#client === client) throw error
    }
  }

  async #beat(): Promise<void> {
    const client = this.#client
    if (!client) {
      this.#client = await this.#connect()
      for (const listener of this.#reopenedListeners) listener()
      return
    }
    await client.query('select').catch(error => {
      this.#drop(client)
      throw error
    })
  }

  async #connect(): Promise<pg.Client> {
    let isLost = false
    const client = await openSession(this.#url, 'longtake process', lost => {
      isLost = true
      this.#drop(lost)
    })
    client.on('notification', ({ channel, payload = '', processId }) => {
      const own = (client as unknown as { processID: number | null }).processID
      this.#channels.get(channel)?.(payload, processId === own)
    })
    try {
      for (const [name, value] of Object.entries(KEEPALIVES))
        await client.query('select set_config($1, $2, false)', [name, String(value)])
      for (const take of this.#locks) await take(client)
      for (const channel of this.#channels.keys()) await client.query(`listen "${channel}"`)
      if (isLost || this.#isClosed) throw new Error('Connection terminated')
    } catch (error) {
      await closeSession(client)
      throw error
    }
    return client
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    for (const listener of this.#lostListeners) listener()
    void closeSession(client)
    this.#loop.wake()
  }
}
