import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { StartError } from '../base/errors.ts'
import type { Database } from './database.ts'
import { migrate, requireMigrated } from './migrate.ts'
import type { Schema } from './schema.ts'

const CONNECTIONS = 10
/** How long one is kept that nobody needs, in milliseconds: a new one costs a request 10 ms and more. */
const IDLE = 600_000
/** How often a start that waits for the server says so, in seconds. */
const REMINDER_S = 60
/** How long a command waits for the server, in seconds. */
export const COMMAND_PATIENCE_S = 5
/**
 * How long one attempt to connect may take, in milliseconds. A statement waits as long for a free connection: a thousand uploads at once
 * have to wait for ten.
 */
const CONNECTION_TIMEOUT_MS = 30_000

const INT8 = 20

export interface PostgresOptions {
  /** How long to wait for a server that cannot be reached. Without it that is for ever. */
  readonly patienceS?: number
  /** Whether to bring the tables up to date, as by default. Otherwise those of another version are refused. */
  readonly migrates?: boolean
  /** Called once the server answers, before its tables change. What it throws ends the start. */
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
    max: CONNECTIONS,
    idleTimeoutMillis: IDLE,
    connectionTimeoutMillis: Math.min(CONNECTION_TIMEOUT_MS, patienceS * 1000),
    application_name: 'longtake',
    // Sizes and offsets stay below 2^53: plain numbers, as PGlite gives them.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) },
  })
  // Without a listener an idle connection that the server closes (its restart) would end this process.
  pool.on('error', error => log.warn({ err: error }, 'idle database connection lost'))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await waitForServer(db, log, patienceS)
    await requireDurability(db)
    await claim?.()
    if (migrates) await migrate(db)
    else await requireMigrated(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return { db, close: () => db.destroy() }
}

/**
 * A server that ends while a connection is being made sends its refusal and then resets the socket: the pool reports the first, and the
 * second would come out as an error event that nobody listens to, and end this process.
 */
class QuietClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => {})
  }
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
      await delay(1000)
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
