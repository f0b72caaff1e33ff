import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { StartError } from '../base/errors.ts'
import type { Database } from './database.ts'
import { migrate, requireMigrated } from './migrate.ts'
import type { Schema } from './schema.ts'

const MAX_CONNECTIONS = 10
/** An idle connection is kept this long, because a new one costs a request 10 ms or more. */
const IDLE_TIMEOUT_MS = 600_000
const RETRY_MS = 1000
/** A start that waits for the server logs this often. */
const REMINDER_S = 60
/** A command waits this long for the server. */
export const COMMAND_PATIENCE_S = 5
/** Time limit for a connection attempt, and for a statement to get a free connection: a thousand uploads share ten connections. */
const CONNECTION_TIMEOUT_MS = 30_000

/** PostgreSQL ends a transaction whose process is frozen for so long: its locks would hold up other processes. */
const FROZEN_TRANSACTION_TIMEOUT_MS = 5000

const INT8_TYPE_CODE = 20

export interface PostgresOptions {
  /** Seconds to wait for a server that cannot be reached. Without limit if absent. */
  readonly patienceS?: number
  /** Whether to run migrations (the default). Otherwise tables of another version are refused. */
  readonly migrates?: boolean
  /** Called when the server answers, before the tables change. An error of it ends the start. */
  readonly claim?: () => Promise<void>
}

/**
 * A PostgreSQL server by its URL. Waits for a server that is starting or cannot be reached yet.
 * @throws StartError when it refuses (password, database, TLS), or acknowledges commits before they are durable.
 */
export async function openPostgres(
  url: string,
  log: Logger,
  { patienceS = Number.POSITIVE_INFINITY, migrates = true, claim }: PostgresOptions = {},
): Promise<Database> {
  const pool = new pg.Pool({
    Client: QuietClient,
    connectionString: url,
    max: MAX_CONNECTIONS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    connectionTimeoutMillis: Math.min(CONNECTION_TIMEOUT_MS, patienceS * 1000),
    application_name: 'longtake',
    idle_in_transaction_session_timeout: FROZEN_TRANSACTION_TIMEOUT_MS,
    // Sizes and offsets stay below 2^53: plain numbers, as PGlite gives them.
    types: {
      getTypeParser: (oid, format) => (oid === INT8_TYPE_CODE ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  // Without a listener, a restart of the server, which closes idle connections, would end this process.
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
    // The server may go away again meanwhile.
    while (!(await prepare().then(() => true, unlessItMayPass))) await delay(RETRY_MS)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return { db, close: () => db.destroy() }
}

/**
 * A server that stops during a connection attempt sends a refusal and then resets the socket. The pool reports the refusal; the reset would
 * be an error event without a listener and end this process.
 */
class QuietClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => {})
  }
}

/** @returns false for an error that may pass. @throws every other one. */
function unlessItMayPass(error: unknown): boolean {
  if (error instanceof StartError || !mayPass(error)) throw error
  return false
}

async function waitForServer(db: Kysely<Schema>, log: Logger, patienceS: number): Promise<void> {
  const deadline = performance.now() + patienceS * 1000
  for (let waited = 0; ; waited++) {
    try {
      await sql`select 1`.execute(db)
      if (waited > 0) log.info('the database answers')
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

/** Errors of the network and the resolver that a server which is still starting causes. */
const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN|ENOENT)$/

/** A server that starts, stops or is full may pass (SQLSTATE 57P01 to 57P03, 53300); a wrong password, database or certificate does not. */
function mayPass(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return (
    NETWORK.test(code) ||
    /^(57P0[123]|53300|08...)$/.test(code) ||
    /^(Connection terminated|timeout exceeded|timeout expired)/.test(message)
  )
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
        `DATABASE_URL: the PostgreSQL server has ${setting} = off and would lose what it acknowledged in a crash: turn it on.`,
      )
    }
  }
}
