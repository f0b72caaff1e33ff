import { type Kysely, sql } from 'kysely'

/** Tags, a table for search, and responses to idempotent requests. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table videos add column tags text[] not null default '{}'`.execute(db)
  await sql`create index videos_tags on videos using gin (tags)`.execute(db)
  await sql`create index videos_status on videos (status, created_at, id)`.execute(db)

  // In a separate table, because the rows of videos change often and changing an index of many words is expensive.
  await sql`create sequence video_search_order`.execute(db)
  await sql`
    create table video_search (
      video_id uuid primary key references videos (id) on delete cascade,
      n bigint not null,
      config text not null,
      heading tsvector not null,
      search tsvector not null
    )`.execute(db)
  // Not compressed, because ranking reads hundreds of rows, and decompression costs more than reading.
  await sql`alter table video_search alter column search set storage external`.execute(db)
  await sql`create index video_search_n on video_search (n)`.execute(db)
  await sql`create index video_search_config on video_search (config)`.execute(db)
  await sql`create index video_search_heading on video_search using gin (heading)`.execute(db)
  await sql`create index video_search_search on video_search using gin (search)`.execute(db)
  await sql`alter table videos drop column search`.execute(db)

  await sql`
    create table idempotent_requests (
      key text primary key,
      fingerprint text,
      token uuid not null,
      lease_until timestamptz(3) not null,
      status integer,
      headers jsonb,
      body text,
      created_at timestamptz(3) not null default now()
    )`.execute(db)
  await sql`create index idempotent_requests_created_at on idempotent_requests (created_at)`.execute(db)
}
