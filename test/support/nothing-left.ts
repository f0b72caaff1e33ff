import { type Kysely, sql } from 'kysely'
import { openPostgres } from '../../src/database/pg-database.ts'
import { openPglite } from '../../src/database/pglite-database.ts'
import type { Schema } from '../../src/database/schema.ts'
import { openDescriptors } from './open-descriptors.ts'
import { recordedLog } from './recorded-log.ts'

/** What only a process that runs may have: leases of steps and deliveries, locks of uploads, reserved quota. One text for each kind. */
async function leftInDatabase(db: Kysely<Schema>): Promise<string[]> {
  const { rows } = await sql<Record<string, number>>`
    select
      (select count(*)::int from steps where state = 'running' or lease_token is not null) as "steps leased",
      (select count(*)::int from webhook_deliveries where lease_token is not null) as "deliveries leased",
      (select count(*)::int from uploads where lock_holder is not null) as "uploads locked",
      (select count(*)::int from reservations) as "reservations",
      (select count(*)::int from recording_turns) as "turns of recordings"`.execute(db)
  return Object.entries(rows[0]!).flatMap(([kind, count]) => (count > 0 ? [`${kind}: ${count}`] : []))
}

/** Files that are open without need. The file of an unfinished upload stays open for a while, for the next request. */
async function leftOpen(db: Kysely<Schema>, directory: string): Promise<string[]> {
  const rows = await db.selectFrom('uploads').select('id').where('finished_at', 'is', null).execute()
  const unfinished = rows.map(({ id }) => `${directory}/uploads/${id}`)
  return openDescriptors(`${directory}/`).filter(path => !unfinished.some(start => path.startsWith(start)))
}

/**
 * For the teardown of a test, when everything that uses the database has stopped. Throws, because a test cannot assert any more then.
 * @param directory the data directory, if this process has used it.
 */
export async function nothingIsLeft(db: Kysely<Schema>, directory?: string): Promise<void> {
  const left = [...(await leftInDatabase(db)), ...(directory ? await leftOpen(db, directory) : [])]
  if (left.length > 0) throw new Error(`Something is left: ${left.join(', ')}`)
}

/** The same for the database of a service that has stopped. */
export async function serviceLeftNothing(databaseUrl: string | undefined, dataDir: string): Promise<void> {
  const { db, close } = databaseUrl
    ? await openPostgres(databaseUrl, recordedLog().log)
    : await openPglite(dataDir)
  try {
    await nothingIsLeft(db)
  } finally {
    await close()
  }
}
