import { type Kysely, sql } from 'kysely'

/** A video exists from the moment its upload is created, with the status `uploading`. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table videos alter column size drop not null`.execute(db)
  await sql`alter table videos alter column storage_key drop not null`.execute(db)
  await sql`alter table videos drop constraint videos_status_check`.execute(db)
  await sql`
    alter table videos add constraint videos_status_check
      check (status in ('uploading', 'processing', 'ready', 'failed'))`.execute(db)
  await sql`
    alter table videos add constraint videos_source_check
      check (status = 'uploading' or (size is not null and storage_key is not null))`.execute(db)

  // Lists omit `uploading` videos, and so do their indexes, so that a new upload does not change them.
  for (const [name, key] of ORDERS) {
    await sql`drop index ${sql.id(`videos_${name}`)}`.execute(db)
    await sql`drop index ${sql.id(`videos_owner_${name}`)}`.execute(db)
    await sql`
      create index ${sql.id(`videos_${name}`)} on videos (${sql.raw(key)}, id)
        where status <> 'uploading'`.execute(db)
    await sql`
      create index ${sql.id(`videos_owner_${name}`)} on videos (owner, ${sql.raw(key)}, id)
        where status <> 'uploading' and owner is not null`.execute(db)
  }
  await sql`drop index videos_status`.execute(db)
  await sql`
    create index videos_status on videos (status, created_at, id) where status <> 'uploading'`.execute(db)
  await sql`drop index videos_tags`.execute(db)
  await sql`create index videos_tags on videos using gin (tags) where status <> 'uploading'`.execute(db)
  await sql`
    create index videos_uploading on videos (owner, created_at, id) where status = 'uploading'`.execute(db)

  await insertUploading(db)

  await sql`alter table pauses rename column looks to checks`.execute(db)
  await sql`alter table pauses rename column look_at to next_check_at`.execute(db)
}

const ORDERS = [
  ['created_at', 'created_at'],
  ['title', 'title'],
  ['size', '(coalesce(size, 0))'],
  ['duration', '(coalesce(duration, 0))'],
] as const

/** Creates a video for each unfinished upload, with labels from its metadata, as for a new upload. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
async function insertUploading(db: Kysely<any>): Promise<void> {
  const title = sql`substr(btrim(metadata ->> 'title'), 1, 500)`
  const name = sql`regexp_replace(metadata ->> 'filename', '^.*[/\\\\]', '')`
  const stem = sql`btrim(regexp_replace(${name}, '(.)\\.[^.]{1,5}$', '\\1'))`
  const tags = sql`
    select tag from (
      select btrim(tag) as tag, min(place) as place
      from unnest(string_to_array(metadata ->> 'tags', ',')) with ordinality as listed (tag, place)
      group by 1
    ) as distinct_tags
    where tag <> '' order by place`
  await sql`
    insert into videos (id, title, description, language, filename, tags, owner, request_id, status, created_at)
    select id, coalesce(nullif(${title}, ''), nullif(${stem}, ''), 'Untitled'),
      coalesce(metadata ->> 'description', ''), nullif(metadata ->> 'language', ''),
      nullif(metadata ->> 'filename', ''), array(${tags}), owner, request_id, 'uploading', created_at
    from uploads
    where finished_at is null and concat is distinct from 'partial'
    on conflict do nothing`.execute(db)
}
