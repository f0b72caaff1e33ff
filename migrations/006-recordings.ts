import { type Kysely, sql } from 'kysely'

/** Recordings, which are uploaded chunk by chunk, and whether their videos are complete. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recordings (
      id uuid primary key references uploads (id) on delete cascade,
      next integer not null default 0,
      incomplete boolean not null default false,
      closed_at timestamptz(3)
    )`.execute(db)
  await sql`
    create table recording_pieces (
      recording_id uuid not null references recordings (id) on delete cascade,
      number integer not null,
      size bigint not null,
      sha256 text not null,
      storage_key text,
      created_at timestamptz(3) not null default now(),
      primary key (recording_id, number)
    )`.execute(db)
  await sql`alter table videos add column incomplete boolean not null default false`.execute(db)
}
