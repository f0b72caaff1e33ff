import { type Kysely, sql } from 'kysely'

/** Owners of uploads and videos, API keys, upload links, and generated secrets. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['uploads', 'videos', 'outbox'])
    await sql`alter table ${sql.table(table)} add column owner text`.execute(db)
  await sql`alter table uploads add column max_size bigint check (max_size >= 0)`.execute(db)
  await sql`alter table uploads add column joined boolean not null default false`.execute(db)
  await sql`create index uploads_owner on uploads (owner) where owner is not null`.execute(db)
  // One index for each sort order, as for the lists of all videos.
  for (const [name, key] of [
    ['created_at', 'created_at'],
    ['title', 'title'],
    ['size', 'size'],
    ['duration', '(coalesce(duration, 0))'],
  ] as const) {
    const index = sql.raw(`videos_owner_${name} on videos (owner, ${key}, id)`)
    await sql`create index ${index} where owner is not null`.execute(db)
  }

  await sql`
    create table api_keys (
      id uuid primary key,
      hash text not null unique,
      owner text not null,
      scopes text[] not null,
      name text not null default '',
      created_at timestamptz(3) not null default now(),
      revoked_at timestamptz(3)
    )`.execute(db)

  // No foreign key to the upload, because a link stays used after its upload is deleted.
  await sql`
    create table upload_links (
      id uuid primary key,
      hash text not null unique,
      owner text,
      max_size bigint not null,
      expires_at timestamptz(3) not null,
      upload_id uuid,
      created_at timestamptz(3) not null default now()
    )`.execute(db)
  await sql`create index upload_links_expires_at on upload_links (expires_at)`.execute(db)

  await sql`
    create table secrets (
      name text primary key,
      value text not null
    )`.execute(db)
}
