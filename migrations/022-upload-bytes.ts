import { type Kysely, sql } from 'kysely'

/** The location of an upload's bytes, and the key of its finished object. Null in older rows means the file named by the id. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table uploads add column storage_state jsonb`.execute(db)
  await sql`alter table uploads add column object_key text`.execute(db)
}
