import { type Kysely, sql } from 'kysely'

/** What has been imported stays known, so that a repeated import brings nothing back that was deleted since. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`
    create table imports (
      old_id text primary key,
      fingerprint text not null,
      imported_at timestamptz(3) not null default now()
    )`.execute(db)
}
