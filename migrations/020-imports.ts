import { type Kysely, sql } from 'kysely'

/** Records of imports, so that a repeated import does not restore deleted videos. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`
    create table imports (
      old_id text primary key,
      fingerprint text not null,
      imported_at timestamptz(3) not null default now()
    )`.execute(db)
}
