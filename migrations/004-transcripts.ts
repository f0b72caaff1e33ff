import { type Kysely, sql } from 'kysely'

/** The origin and the gaps of a transcript, the usage of transcription, and pauses of a step for all videos. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table transcripts add column options jsonb`.execute(db)
  await sql`alter table transcripts add column gaps jsonb not null default '[]'`.execute(db)
  await sql`alter table transcripts add column dropped jsonb not null default '[]'`.execute(db)
  await sql`alter table transcripts add column partial boolean generated always as (jsonb_array_length(gaps) > 0) stored`.execute(
    db,
  )
  await sql`alter table transcripts add column speech_share double precision`.execute(db)
  await sql`alter table transcripts add column restored_from integer`.execute(db)

  // Results are found by a hash of the request, whichever video they belong to.
  await sql`create index transcript_pieces_fingerprint on transcript_pieces (fingerprint)`.execute(db)

  await sql`alter table videos add column speech_seconds_sent double precision not null default 0`.execute(db)
  // Not computed from the videos, because deleting a video must not reduce the total.
  await sql`
    create table speech_usage (
      model text primary key,
      requests bigint not null default 0,
      seconds_sent double precision not null default 0,
      seconds_reused double precision not null default 0
    )`.execute(db)

  await sql`
    create table pauses (
      step text primary key,
      code text not null,
      message text not null,
      since timestamptz(3) not null default now(),
      looks integer not null default 0,
      look_at timestamptz(3) not null
    )`.execute(db)
}
