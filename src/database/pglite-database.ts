import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import { lockDataDirectory } from './data-lock.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'

/**
 * The embedded database: PostgreSQL in this process, in `{dataDir}/database`, or in memory where no directory is given.
 * It has one connection: inside a transaction only the transaction may be used.
 * @throws StartError when another process uses the directory.
 */
export async function openPglite(dataDir?: string): Promise<Database> {
  const unlock = dataDir === undefined ? () => {} : lockDataDirectory(dataDir)
  try {
    const pglite = new PGlite(dataDir === undefined ? {} : { dataDir: join(dataDir, 'database') })
    const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) })
    await migrate(db)
    return {
      db,
      async close() {
        await db.destroy()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}
