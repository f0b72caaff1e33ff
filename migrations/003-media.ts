import { type Kysely, sql } from 'kysely'

/** The streams of a source, the rendition that plays, and the files that an attempt is about to store. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table videos add column container text`.execute(db)
  await sql`alter table videos add column rotation smallint`.execute(db)
  await sql`alter table videos add column frame_rate double precision`.execute(db)
  await sql`alter table videos add column bit_rate bigint`.execute(db)
  await sql`alter table videos add column streams jsonb not null default '[]'`.execute(db)
  await sql`
    alter table videos add column playback text check (playback in ('source', 'remux', 'transcode'))`.execute(
    db,
  )
  await sql`alter table removals add column lease_token uuid`.execute(db)

  // Existing videos get a rendition too. Their status does not change, so they can be watched in the meantime.
  await sql`
    insert into steps (video_id, name, state, reason, due_at, finished_at)
    select
      video_id,
      'playback',
      case when state in ('failed', 'skipped') then 'skipped' else 'pending' end,
      case when state in ('failed', 'skipped') then 'probe_failed' end,
      case when state = 'done' then now() end,
      case when state in ('failed', 'skipped') then now() end
    from steps
    where name = 'probe'`.execute(db)
}
