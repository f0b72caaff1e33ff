import { type Kysely, sql } from 'kysely'

/** The offsets of an upload that clients were told and may still go on from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table uploads add column promised jsonb not null default '[]'`.execute(db)
}
