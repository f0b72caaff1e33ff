import { type Kysely, sql } from 'kysely'

/** Columns for quotas: reserved bytes, the size of edited texts, and the owners of idempotent requests. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`
    create table reservations (
      id uuid primary key,
      owner text not null,
      upload_id uuid references uploads (id) on delete cascade,
      bytes bigint not null,
      is_open boolean not null,
      held_until timestamptz(3) not null
    )`.execute(db)
  await sql`create index reservations_owner on reservations (owner)`.execute(db)
  await sql`create index reservations_upload on reservations (upload_id)`.execute(db)
  await sql`alter table uploads add column cleared boolean not null default false`.execute(db)
  await sql`
    alter table transcripts add column size bigint not null
      generated always as (octet_length(text) + octet_length(segments::text)) stored`.execute(db)
  await sql`alter table idempotent_requests add column owner text`.execute(db)
  await sql`create index idempotent_requests_owner on idempotent_requests (owner)`.execute(db)
  await sql`create index upload_links_owner on upload_links (owner) where owner is not null`.execute(db)
}
