import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { isDatabaseUnavailable, StartError } from '../base/errors.ts'
import type { Database } from './database.ts'
import { migrate, requireMigrated } from './migrate.ts'
import { preparedName } from './prepared.ts'
import type { Schema } from './schema.ts'

const MAX_CONNECTIONS = 10
/** An idle connection is kept for this long, because opening a new one delays a request by at least 10 ms. */
const IDLE_TIMEOUT_MS = 600_000
const RETRY_MS = 1000
/** A start that waits for the server logs this often. */
const REMINDER_S = 60
/** A command waits this long for the server. */
export const COMMAND_PATIENCE_S = 5
/** Time limit for a connection attempt, and for a statement to get a free connection: a thousand uploads share ten connections. */
const CONNECTION_TIMEOUT_MS = 30_000

/** PostgreSQL ends a transaction that is idle for this long, for example because its process is frozen: its locks would block others. */
const FROZEN_TRANSACTION_TIMEOUT_MS = 5000

const INT8_TYPE_CODE = 20

export interface PostgresOptions {
  /** Seconds to wait for a server that is not reachable; no limit if absent. */
  readonly patienceS?: number
  /** Whether to run migrations (the default). Otherwise tables of another version are an error. */
  readonly migrates?: boolean
  /** Called after the first connection and before the tables change. If it throws, the start fails. */
  readonly claim?: () => Promise<void>
}

/**
 * Connects to a PostgreSQL server. Waits while the server is starting or not reachable.
 * @throws StartError if the server rejects the connection (password, database, TLS) or acknowledges commits before they are durable.
 */
export async function openPostgres(
  url: string,
  log: Logger,
  { patienceS = Number.POSITIVE_INFINITY, migrates = true, claim }: PostgresOptions = {},
): Promise<Database> {
  const pool = new pg.Pool({
    Client: PoolClient,
    connectionString: url,
    max: MAX_CONNECTIONS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    connectionTimeoutMillis: Math.min(CONNECTION_TIMEOUT_MS, patienceS * 1000),
    application_name: 'longtake',
    // The server would compile statements over large catalogues, for seconds, and then run them in milliseconds.
    options: '-c jit=off',
    idle_in_transaction_session_timeout: FROZEN_TRANSACTION_TIMEOUT_MS,
    // Sizes and offsets are below 2^53, so they are read as numbers, as PGlite does.
    types: {
      getTypeParser: (oid, format) => (oid === INT8_TYPE_CODE ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  // Without a listener, a restart of the server would end this process, because it closes idle connections.
  pool.on('error', error => log.warn({ err: error }, 'idle database connection lost'))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  const prepare = async () => {
    await waitForServer(db, log, patienceS)
    await requireDurability(db)
    await claim?.()
    if (migrates) await migrate(db)
    else await requireMigrated(db)
  }
  try {
    // The server may become unreachable again meanwhile.
    while (!(await prepare().then(() => true, unlessItMayPass))) await delay(RETRY_MS)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return { db, close: () => db.destroy() }
}

class PoolClient extends pg.Client {
  /**
   * A server that stops during a connection attempt sends an error and then resets the socket. The pool reports the error. Without a listener,
   * the reset would end this process.
   */
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => {})
  }

  /** A statement with a name is prepared, once for each connection. */
  override query(...args: unknown[]): never {
    const [text, values] = args
    const name = typeof text === 'string' ? preparedName(text) : undefined
    return super.query(...((name === undefined ? args : [{ name, text, values }]) as [never])) as never
  }
}

/** @returns false after a temporary error. @throws all other errors. */
function unlessItMayPass(error: unknown): boolean {
  if (error instanceof StartError || !mayPass(error)) throw error
  return false
}

async function waitForServer(db: Kysely<Schema>, log: Logger, patienceS: number): Promise<void> {
  const deadline = performance.now() + patienceS * 1000
  for (let waited = 0; ; waited++) {
    try {
      await sql`select 1`.execute(db)
      if (waited > 0) log.info('the database is reachable again')
      return
    } catch (error) {
      const reason = describe(error)
      if (performance.now() >= deadline || !mayPass(error)) {
        throw new StartError(`DATABASE_URL: the PostgreSQL server cannot be used: ${reason}.`)
      }
      if (waited % REMINDER_S === 0) log.warn(`DATABASE_URL: waiting for the PostgreSQL server: ${reason}.`)
      await delay(RETRY_MS)
    }
  }
}

/** Whether the server may be usable later. A wrong password, database or certificate stays wrong. */
function mayPass(error: unknown): boolean {
  // The socket of a local server is absent until the server has started.
  return isDatabaseUnavailable(error) || (error as { code?: string }).code === 'ENOENT'
}

function describe(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message || code || String(error)
}

async function requireDurability(db: Kysely<Schema>): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit']) {
    const { rows } = await sql<{ value: string }>`select current_setting(${setting}) as value`.execute(db)
    if (rows[0]?.value === 'off') {
      throw new StartError(
        `DATABASE_URL: the PostgreSQL server has ${setting} = off and would lose acknowledged data in a crash. Turn it on.`,
      )
    }
  }
}
