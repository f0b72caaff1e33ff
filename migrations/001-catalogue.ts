import { type Kysely, sql } from 'kysely'

/** Uploads, videos, processing steps, events to publish and files to remove. One statement per call, because PGlite accepts no more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table uploads (
      id uuid primary key,
      length bigint check (length >= 0),
      "offset" bigint not null default 0 check ("offset" >= 0),
      metadata jsonb not null,
      request_id text,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null,
      finished_at timestamptz(3)
    )`.execute(db)
  await sql`create index uploads_unfinished on uploads (expires_at) where finished_at is null`.execute(db)

  // In milliseconds, because JavaScript's Date has no finer unit and page cursors compare for equality.
  await sql`
    create table videos (
      id uuid primary key,
      title text not null,
      description text not null default '',
      language text,
      filename text,
      content_type text,
      size bigint not null,
      storage_key text not null,
      sha256 text,
      status text not null default 'processing' check (status in ('processing', 'ready', 'failed')),
      error_code text,
      error_message text,
      duration double precision,
      width integer,
      height integer,
      video_codec text,
      audio_codec text,
      search tsvector,
      version bigint not null default 0,
      request_id text,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    )`.execute(db)
  await sql`create index videos_created_at on videos (created_at, id)`.execute(db)
  await sql`create index videos_title on videos (title, id)`.execute(db)
  await sql`create index videos_size on videos (size, id)`.execute(db)
  await sql`create index videos_duration on videos ((coalesce(duration, 0)), id)`.execute(db)
  await sql`create index videos_search on videos using gin (search)`.execute(db)

  await sql`
    create table steps (
      video_id uuid not null references videos (id) on delete cascade,
      name text not null,
      state text not null default 'pending' check (state in ('pending', 'running', 'done', 'skipped', 'failed')),
      progress real not null default 0,
      attempts integer not null default 0,
      reason text,
      error_code text,
      error_message text,
      due_at timestamptz(3),
      lease_token uuid,
      lease_until timestamptz(3),
      started_at timestamptz(3),
      finished_at timestamptz(3),
      primary key (video_id, name)
    )`.execute(db)
  await sql`create index steps_due on steps (name, due_at) where state = 'pending'`.execute(db)
  await sql`create index steps_running on steps (lease_until) where state = 'running'`.execute(db)

  await sql`
    create table artifacts (
      video_id uuid not null references videos (id) on delete cascade,
      kind text not null,
      storage_key text not null,
      content_type text not null,
      size bigint not null,
      details jsonb not null,
      created_at timestamptz(3) not null default now(),
      primary key (video_id, kind)
    )`.execute(db)

  await sql`
    create table transcripts (
      video_id uuid not null references videos (id) on delete cascade,
      revision integer not null,
      origin text not null check (origin in ('machine', 'person')),
      language text,
      text text not null,
      segments jsonb not null,
      model text,
      source_sha256 text,
      created_at timestamptz(3) not null default now(),
      primary key (video_id, revision)
    )`.execute(db)

  await sql`
    create table transcript_pieces (
      video_id uuid not null references videos (id) on delete cascade,
      fingerprint text not null,
      result jsonb not null,
      created_at timestamptz(3) not null default now(),
      primary key (video_id, fingerprint)
    )`.execute(db)

  // No foreign key, because the event of a deletion outlives the video.
  await sql`
    create table outbox (
      id uuid primary key,
      type text not null,
      video_id uuid not null,
      time timestamptz(3) not null default now(),
      request_id text
    )`.execute(db)

  await sql`
    create table removals (
      key text primary key,
      created_at timestamptz(3) not null default now()
    )`.execute(db)
}
