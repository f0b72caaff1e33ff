import type { Kysely } from 'kysely'
import { pino } from 'pino'
import type { Test } from 'tap'
import { openPostgres } from '../../src/database/pg-database.ts'
import type { Schema } from '../../src/database/schema.ts'
import { openEmbeddedDatabase } from './embedded-database.ts'
import { startPostgres } from './postgres.ts'

const log = pino({ level: 'silent' })

/** Runs a subtest on every database: an embedded one, and a private PostgreSQL that goes with the subtest. */
export async function databases(t: Test, fn: (t: Test, db: Kysely<Schema>) => Promise<void>): Promise<void> {
  await t.test('PGlite', async t => {
    const { db, close } = await openEmbeddedDatabase()
    t.teardown(close)
    await fn(t, db)
  })
  await t.test('PostgreSQL', async t => {
    const postgres = await startPostgres()
    t.teardown(() => postgres.stop())
    const { db, close } = await openPostgres(await postgres.createDatabase(), log)
    t.teardown(close)
    await fn(t, db)
  })
}
