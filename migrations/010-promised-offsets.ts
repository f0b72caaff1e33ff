import { type Kysely, sql } from 'kysely'

/** The offsets of an upload that were reported to clients, which may continue there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table uploads add column promised jsonb not null default '[]'`.execute(db)
}
