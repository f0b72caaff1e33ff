import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { StartError } from '../errors.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'

const CONNECTIONS = 10
/** How long one is kept that nobody needs, in milliseconds: a new one costs a request 10 ms and more. */
const IDLE = 600_000
/** How long a start waits for a server that is not up yet, in seconds. */
const PATIENCE = 60

const INT8 = 20

/**
 * A PostgreSQL server by its URL. Waits up to a minute for a server that is still starting.
 * @throws StartError when it cannot be reached, or acknowledges commits before they are durable.
 */
export async function openPostgres(url: string, log: Logger): Promise<Database> {
  const pool = new pg.Pool({
    Client: QuietClient,
    connectionString: url,
    max: CONNECTIONS,
    idleTimeoutMillis: IDLE,
    // Also the time that a statement waits for a free connection: a thousand uploads at once have to wait for ten.
    connectionTimeoutMillis: 30_000,
    application_name: 'longtake',
    // Sizes and offsets stay below 2^53: plain numbers, as PGlite gives them.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) },
  })
  // Without a listener an idle connection that the server closes (its restart) would end this process.
  pool.on('error', error => log.warn({ err: error }, 'idle database connection lost'))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await waitForServer(db, log)
    await requireDurability(db)
    await migrate(db)
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

async function waitForServer(db: Kysely<Schema>, log: Logger): Promise<void> {
  for (let waited = 0; ; waited++) {
    try {
      await sql`select 1`.execute(db)
      return
    } catch (error) {
      const reason = describe(error)
      if (waited >= PATIENCE || !mayPass(error)) {
        throw new StartError(`DATABASE_URL: the PostgreSQL server cannot be used: ${reason}.`)
      }
      if (waited === 0) log.warn(`waiting for the database: ${reason}`)
      await delay(1000)
    }
  }
}

/** A refused or missing connection, or a server that is starting up (57P03), may pass; a wrong password or database does not. */
function mayPass(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? ''
  return code === '57P03' || !/^[0-9A-Z]{5}$/.test(code)
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
