import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import { StartError } from '../errors.ts'

/** How long a start waits for a process that is about to end, in milliseconds. */
const PATIENCE_MS = 5000
const RETRY_MS = 250
/** How often the connection is used, in milliseconds, so that a lost one is noticed. */
const HEARTBEAT_MS = 15_000

/** The right to be the one api process of a database: uploads are locked within that process. */
export interface ApiLock {
  /** False from the moment that the right may be another process's. */
  readonly isHeld: () => boolean
  /** Called when the right is lost. */
  onLost: () => void
  release(): Promise<void>
}

/**
 * Takes an advisory lock on a connection of its own: PostgreSQL frees it the moment that the process ends, however it ends. If the
 * connection is lost, so is the lock; it is taken again as soon as that is possible.
 * @throws StartError when another process holds it.
 */
export async function lockApi(url: string, log: Logger): Promise<ApiLock> {
  const lock = new DatabaseLock(url, log)
  const deadline = performance.now() + PATIENCE_MS
  while (!(await lock.tryTake())) {
    if (performance.now() > deadline) {
      await lock.release()
      throw new StartError(
        'DATABASE_URL: another api process of Longtake uses this database. Stop that one first: there may be one (ROLE=api or ROLE=all), ' +
          'and any number of workers (ROLE=worker).',
      )
    }
    await pause(RETRY_MS)
  }
  return lock
}

class DatabaseLock implements ApiLock {
  readonly #url: string
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #client: pg.Client | undefined
  #held = false
  #heartbeat: NodeJS.Timeout | undefined
  onLost = () => {}

  constructor(url: string, log: Logger) {
    this.#url = url
    this.#log = log
  }

  isHeld = () => this.#held

  /** @throws Error if the database cannot be reached. */
  async tryTake(): Promise<boolean> {
    const client = this.#client ?? (await this.#connect())
    const { rows } = await client.query(
      "select pg_try_advisory_lock(hashtextextended('longtake api', 0)) as held",
    )
    this.#held = rows[0].held
    return this.#held
  }

  async release(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#heartbeat)
    this.#held = false
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => {})
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'longtake api',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: 30_000,
    })
    const lost = (error?: Error) => this.#lose(client, error)
    client.on('error', lost).on('end', () => lost())
    this.#client = client
    try {
      await client.connect()
    } catch (error) {
      this.#client = undefined
      throw error
    }
    clearInterval(this.#heartbeat)
    this.#heartbeat = setInterval(() => void client.query('select 1').catch(lost), HEARTBEAT_MS)
    return client
  }

  #lose(client: pg.Client, error?: Error): void {
    if (this.#client !== client || this.#stopping.signal.aborted) return
    this.#client = undefined
    this.#held = false
    clearInterval(this.#heartbeat)
    client.end().catch(() => {})
    this.#log.warn(
      { err: error },
      'the connection that keeps other api processes away is lost: no uploads are taken',
    )
    this.onLost()
    void this.#retake()
  }

  async #retake(): Promise<void> {
    let isTold = false
    while (!this.#stopping.signal.aborted) {
      const taken = await this.tryTake().catch(() => undefined)
      if (taken) return this.#log.info('uploads are taken again')
      if (taken === false && !isTold) {
        this.#log.error('another api process has taken over: stop one of the two')
        isTold = true
      }
      await pause(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }
}
