import { type Kysely, sql } from 'kysely'

/** The old ids of imported uploads, and the time at which a video was last played. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table uploads add column old_id text`.execute(db)
  await sql`create unique index uploads_old_id on uploads (old_id) where old_id is not null`.execute(db)
  await sql`alter table videos add column last_played timestamptz`.execute(db)
}
