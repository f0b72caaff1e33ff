import { type Kysely, sql } from 'kysely'

/** Columns for the tus extension Concatenation and for the IETF draft. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table uploads add column concat text check (concat in ('partial', 'final'))`.execute(db)
  await sql`alter table uploads add column parts jsonb`.execute(db)
  await sql`alter table uploads add column draft boolean not null default false`.execute(db)
  await sql`create index uploads_concat on uploads (concat, expires_at) where concat is not null`.execute(db)
}
