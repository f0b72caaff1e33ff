import { type Kysely, sql } from 'kysely'

/**
 * Deleted videos stay in the bin for some time. Their rows are in `all_videos` and `all_uploads`. The views `videos` and `uploads` omit them,
 * so that a video in the bin does not exist for statements on these views. A later migration that adds a column must create the view again.
 */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table videos rename to all_videos`.execute(db)
  await sql`alter table uploads rename to all_uploads`.execute(db)
  await sql`
    alter table all_videos add column binned_at timestamptz(3),
      add constraint all_videos_binned_check check (binned_at is null or status <> 'uploading')`.execute(db)
  await sql`alter table all_uploads add column binned boolean not null default false`.execute(db)
  await sql`create view videos as select * from all_videos where binned_at is null`.execute(db)
  await sql`create view uploads as select * from all_uploads where not binned`.execute(db)

  // For the bin of an owner, for the bin of all owners, and for the videos that are due for removal.
  await sql`
    create index all_videos_bin on all_videos (binned_at, id) where binned_at is not null`.execute(db)
  await sql`
    create index all_videos_owner_bin on all_videos (owner, binned_at, id) where binned_at is not null`.execute(
    db,
  )
  await leaveBinOut(db)
}

/** Recreates the indexes of lists without the videos in the bin, so that the size of the bin does not slow lists. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
async function leaveBinOut(db: Kysely<any>): Promise<void> {
  const listed = sql`status <> 'uploading' and binned_at is null`
  for (const [name, key] of ORDERS) {
    await sql`drop index ${sql.id(`videos_${name}`)}`.execute(db)
    await sql`drop index ${sql.id(`videos_owner_${name}`)}`.execute(db)
    await sql`
      create index ${sql.id(`videos_${name}`)} on all_videos (${sql.raw(key)}, id) where ${listed}`.execute(
      db,
    )
    await sql`
      create index ${sql.id(`videos_owner_${name}`)} on all_videos (owner, ${sql.raw(key)}, id)
        where ${listed} and owner is not null`.execute(db)
  }
  await sql`drop index videos_status`.execute(db)
  await sql`create index videos_status on all_videos (status, created_at, id) where ${listed}`.execute(db)
  await sql`drop index videos_tags`.execute(db)
  await sql`create index videos_tags on all_videos using gin (tags) where ${listed}`.execute(db)
}

const ORDERS = [
  ['created_at', 'created_at'],
  ['title', 'title'],
  ['size', '(coalesce(size, 0))'],
  ['duration', '(coalesce(duration, 0))'],
] as const
