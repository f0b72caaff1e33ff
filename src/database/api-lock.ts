import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import { isDatabaseUnavailable, StartError } from '../base/errors.ts'
import { TAKEOVER_PATIENCE_MS } from './data-lock.ts'
import { closeSession, openSession } from './session.ts'

const RETRY_MS = 250
/** Delay between attempts to retake a lost lock while another process holds it. */
const OCCUPIED_RETRY_MS = 1000
/** The connection is used this often, so that a dead one is noticed. */
const HEARTBEAT_MS = 15_000
/**
 * How PostgreSQL detects that a client is gone (in seconds). By default it would keep the lock of an unreachable machine for two hours. The client notices before: after `HEARTBEAT_MS` and the session's timeout for queries.
 */
const KEEPALIVES = { tcp_keepalives_idle: 20, tcp_keepalives_interval: 5, tcp_keepalives_count: 4 }

/** The right to be the only api process of a database: upload locks live in the memory of that process. */
export interface ApiLock {
  /** False as soon as another process could hold the lock. */
  readonly isHeld: () => boolean
  /** Called when the lock is lost. */
  onLost: () => void
  release(): Promise<void>
}

/**
 * Takes an advisory lock on a connection of its own: PostgreSQL frees it when the process ends, however it ends. If the connection is
 * lost, so is the lock; it is then retaken as soon as possible. The connection must be a session: a pooler in transaction mode does not do.
 * Waits for a database that cannot be reached. @throws StartError if another process holds the lock.
 */
export async function lockApi(url: string, log: Logger): Promise<ApiLock> {
  const lock = new DatabaseLock(url, log)
  let deadline = performance.now() + TAKEOVER_PATIENCE_MS
  for (;;) {
    const taken = await lock.tryTake().catch(error => {
      if (!isDatabaseUnavailable(error)) throw error
      deadline = performance.now() + TAKEOVER_PATIENCE_MS
      return false
    })
    if (taken) return lock
    if (performance.now() > deadline)
      throw new StartError(
        'DATABASE_URL: another api process of Longtake uses this database. Stop that one first: there can be one api process (ROLE=api or ' +
          'ROLE=all) and any number of workers (ROLE=worker).',
      )
    await pause(RETRY_MS)
  }
}

class DatabaseLock implements ApiLock {
  readonly #url: string
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #client: pg.Client | undefined
  #heartbeat: NodeJS.Timeout | undefined
  onLost = () => {}

  constructor(url: string, log: Logger) {
    this.#url = url
    this.#log = log
  }

  isHeld = () => this.#client !== undefined

  /** @throws Error if the database cannot be reached. */
  async tryTake(): Promise<boolean> {
    let isOver = false
    const client = await openSession(this.#url, 'longtake api', (lost, error) => {
      isOver = true
      this.#lose(lost, error)
    })
    try {
      for (const [name, value] of Object.entries(KEEPALIVES))
        await client.query('select set_config($1, $2, false)', [name, String(value)])
      const { rows } = await client.query(
        "select pg_try_advisory_lock(hashtextextended('longtake api', 0)) as held",
      )
      if (!rows[0].held || isOver || this.#stopping.signal.aborted) {
        await closeSession(client)
        return false
      }
    } catch (error) {
      await closeSession(client)
      throw error
    }
    this.#client = client
    this.#heartbeat = setInterval(
      () => void client.query('select 1').catch(error => this.#lose(client, error)),
      HEARTBEAT_MS,
    )
    return true
  }

  async release(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#heartbeat)
    const client = this.#client
    this.#client = undefined
    if (client) await closeSession(client)
  }

  #lose(client: pg.Client, error?: Error): void {
    if (this.#client !== client) return
    this.#client = undefined
    clearInterval(this.#heartbeat)
    void closeSession(client)
    this.#log.warn({ err: error }, 'the lock of the api process is lost: no uploads are taken')
    this.onLost()
    void this.#retake()
  }

  async #retake(): Promise<void> {
    const { signal } = this.#stopping
    let isLogged = false
    while (!signal.aborted) {
      const taken = await this.tryTake().catch(() => undefined)
      if (taken) return this.#log.info('the lock of the api process is held again: uploads are taken')
      if (taken === false && !isLogged && !signal.aborted) {
        this.#log.error(
          'another api process of Longtake uses this database: this one takes no uploads until that one ends',
        )
        isLogged = true
      }
      const wait = taken === false ? OCCUPIED_RETRY_MS : RETRY_MS
      await pause(wait, undefined, { signal }).catch(() => {})
    }
  }
}
