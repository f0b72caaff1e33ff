import { type Kysely, sql } from 'kysely'

/** Links for guests. Only the hash of a token is stored, so that the table lets nobody watch anything. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`
    create table share_links (
      id uuid primary key,
      hash text not null unique,
      video_id uuid not null references all_videos (id) on delete cascade,
      name text not null default '',
      password text,
      created_by text,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3),
      revoked_at timestamptz(3),
      opened_count integer not null default 0,
      last_opened_at timestamptz(3),
      attempts integer not null default 0,
      attempts_until timestamptz(3)
    )`.execute(db)
  await sql`create index share_links_video on share_links (video_id, id)`.execute(db)
}
