import { type Kysely, sql } from 'kysely'

/** Where the storage keeps the bytes of an upload, and the object that they become; null in older rows: the file named by the id. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table uploads add column storage_state jsonb`.execute(db)
  await sql`alter table uploads add column object_key text`.execute(db)
}
