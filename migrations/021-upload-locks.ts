import { type Kysely, sql } from 'kysely'

/** The process that may write to an upload, and a generation that increases whenever another process takes it over. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`
    alter table uploads
      add column generation bigint not null default 1,
      add column lock_holder uuid`.execute(db)
}
