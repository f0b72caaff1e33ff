import { type Kysely, sql } from 'kysely'

/** Notes of steps about the file, and the duration that the file of a video declares. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table steps add column notes jsonb not null default '[]'`.execute(db)
  await sql`alter table videos add column declared_duration double precision`.execute(db)
}
