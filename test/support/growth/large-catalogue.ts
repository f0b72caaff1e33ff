import type pg from 'pg'
import { SEARCH_LAYOUT_VERSION } from '../../../src/videos/search/search-index.ts'
import { SLICE_VIDEOS } from '../../../src/videos/search/search-vectors.ts'

/** Videos of each ordinary owner; one video in ten belongs to the owner `big` instead. */
export const VIDEOS_PER_OWNER = 1000
/** Rows that are due, whatever the size of the catalogue. */
export const DUE_ROWS = 10

/**
 * Adds the videos `from` to `to` - 1 with everything that belongs to them, as an installation has it after years. Of 1000 videos, 980 are ready,
 * 5 failed, 5 are processed (one step is due, one waits for it), and 10 are being uploaded; 100 are concatenated, 50 are recordings, 20 came by a
 * link, 10 are in the bin, and 1 waits for its second part. All rows are made by the server, so a million takes minutes.
 */
export async function addVideos(client: pg.Client, from: number, to: number): Promise<void> {
  await client.query(`set synchronous_commit = off`)
  // Checks no foreign keys, which would take most of the time.
  await client.query(`set session_replication_role = replica`)
  await client.query(`select setseed(0.5)`)
  await client.query(`
    create temp table made as
    select n, ${idOf('n')} as id,
      case when n % 10 = 0 then 'big' else 'owner' || n / ${VIDEOS_PER_OWNER} end as owner,
      case when n % 100 = 1 then 'uploading' when n % 200 = 3 then 'processing' when n % 200 = 5 then 'failed' else 'ready' end as status,
      now() - interval '2 years' + n * interval '6 seconds' as created_at,
      (select string_agg('word' || floor(power(20000, random())), ' ') from generate_series(1, 12 + n::int % 2)) as spoken
    from generate_series(${from}::bigint, ${to - 1}) as n`)
  for (const statement of STATEMENTS) await client.query(statement)
  await client.query('drop table made')
  await client.query('set session_replication_role = origin')
  await client.query(`select setval('video_search_order', ${to})`)
}

/** Adds what is due at any size: expired uploads, lost leases, events, deliveries, removals and so on. */
export async function addDueRows(client: pg.Client): Promise<void> {
  for (const statement of DUE_STATEMENTS) await client.query(statement)
}

/** Id of the video with this number. */
export function videoId(n: number): string {
  return `019b0000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
}

/** @param n an expression. */
function idOf(n: string, block = '7000'): string {
  return `('019b0000-0000-${block}-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
}

/** A final upload that waits for its second part. */
const IS_WAITING = `n % 1000 = 101`
const IS_FINAL = `(n % 10 = 7 or ${IS_WAITING})`
/** A video in the bin; none is due to be deleted. */
const IS_BINNED = `n % 100 = 6`
const partUrl = (offset: number) => `'/uploads/' || ${idOf(`n * 2 + ${offset}`, '7001')}`

const STATEMENTS = [
  `insert into uploads (id, length, "offset", metadata, owner, created_at, expires_at, finished_at, object_key, concat, parts)
    select id, 1000000, case when status = 'uploading' then 500000 else 1000000 end, '{"filename": "film.mp4", "title": "A film"}', owner,
      created_at, now() + interval '7 days', case when status <> 'uploading' then created_at end,
      case when status <> 'uploading' then 'uploads/' || id end, case when ${IS_FINAL} then 'final' end,
      case when ${IS_FINAL} then jsonb_build_array(${partUrl(0)}, ${partUrl(1)}) end
    from made`,
  `insert into uploads (id, length, "offset", metadata, owner, created_at, expires_at, finished_at, concat)
    select ${idOf('n * 2 + part', '7001')}, 500000, 250000 * (2 - part), '{}', owner, created_at, now() + interval '7 days',
      case when part = 0 then created_at end, 'partial'
    from made, generate_series(0, 1) as part where ${IS_WAITING}`,
  `insert into recordings (id, next, closed_at, is_ended)
    select id, 20, case when status <> 'uploading' then created_at end, status <> 'uploading' from made where n % 20 in (1, 8)`,
  `insert into upload_links (id, hash, owner, max_size, expires_at, upload_id, created_at)
    select id, 'hash' || n, owner, 1000000, created_at + interval '1 day', id, created_at from made where n % 50 = 9`,
  `insert into videos (id, title, description, filename, owner, size, storage_key, sha256, status, tags, duration, content_type, created_at, updated_at, request_id)
    select id, initcap(split_part(spoken, ' ', 1)) || ' ' || split_part(spoken, ' ', 2), 'About ' || split_part(spoken, ' ', 3), 'film.mp4', owner,
      case when status <> 'uploading' then 1000000 + n end, case when status <> 'uploading' then 'uploads/' || id end,
      case when status <> 'uploading' then encode(sha256(id::text::bytea), 'hex') end, status, array['tag' || n % 1000], n % 3600, 'video/mp4',
      created_at, created_at, 'request-' || n
    from made`,
  `insert into steps (video_id, name, owner, state, reason, due_at, turn, attempts, started_at, finished_at)
    select id, name, owner,
      case when status = 'ready' then 'done' when status = 'failed' then case when name = 'probe' then 'failed' else 'skipped' end
        when name in ('audio', 'transcribe') then 'pending' else 'done' end,
      case when status = 'failed' and name <> 'probe' then 'probe_failed' end,
      case when status = 'ready' or status = 'processing' and name <> 'transcribe' then created_at end,
      case when status = 'processing' then n else 0 end, 1, created_at, created_at
    from made, unnest(array['probe', 'playback', 'poster', 'audio', 'transcribe']) as name
    where status <> 'uploading'`,
  `insert into artifacts (video_id, kind, storage_key, content_type, size, details, created_at)
    select id, kind, 'artifacts/' || id || '/' || kind, 'video/mp4', 1000, '{"sha256": "00"}', created_at
    from made, unnest(array['playback', 'poster']) as kind where status = 'ready'`,
  `insert into transcripts (video_id, revision, origin, language, text, segments, created_at)
    select id, 1, case when n % 100 = 0 then 'person' else 'machine' end, 'en', spoken,
      jsonb_build_array(jsonb_build_object('start', 0, 'end', 4, 'text', spoken)), created_at
    from made where status = 'ready'`,
  `insert into video_search (video_id, n, config, layout, heading, search)
    select id, n, 'english', ${SEARCH_LAYOUT_VERSION}, heading || marks, heading || to_tsvector('simple', spoken) || marks
    from (
      select id, n, spoken, setweight(to_tsvector('simple', split_part(spoken, ' ', 1) || ' ' || split_part(spoken, ' ', 2)), 'A') as heading,
        array_to_tsvector(array['#' || n / ${SLICE_VIDEOS}, '@' || owner]) as marks
      from made where status <> 'uploading' and not ${IS_BINNED}
    ) as texts`,
  `update all_videos set binned_at = now() - n % 20 * interval '1 day' from made where all_videos.id = made.id and ${IS_BINNED}`,
  `update all_uploads set binned = true from made where all_uploads.id = made.id and ${IS_BINNED}`,
  `insert into webhooks (id, url, events, secrets) select gen_random_uuid(), 'https://hooks.example/' || n, '[]', '[]'
    from generate_series(1, 2) as n where not exists (select from webhooks)`,
  `insert into webhook_deliveries (id, webhook_id, event_id, type, video_id, time, state, attempts, due_at, response_status)
    select gen_random_uuid(), webhooks.id, ${idOf('n', '7002')}, 'video.ready', made.id, now() - n % 6 * interval '1 day', 'delivered', 1, now(), 200
    from made, webhooks where n % 10 = 2`,
  `insert into idempotent_requests (key, fingerprint, token, lease_until, status, headers, body, owner, created_at)
    select 'key' || n, 'same', id, now(), 201, '{}', '{}', owner, now() - n % 20 * interval '1 hour' from made where n % 100 = 4`,
]

const series = `generate_series(1, ${DUE_ROWS}) as n`

/** Numbers that no video has. */
const negative = `generate_series(-${DUE_ROWS}, -1) as n`

const DUE_STATEMENTS = [
  `insert into uploads (id, length, metadata, owner, expires_at) select gen_random_uuid(), 1000, '{}', 'big', now() - interval '1 minute' from ${series}`,
  `insert into uploads (id, length, "offset", metadata, owner, expires_at)
    select gen_random_uuid(), 1000, 1000, '{}', 'big', now() + interval '1 day' from ${series}`,
  `insert into uploads (id, "offset", metadata, owner, expires_at)
    select ${idOf('n', '7005')}, 1000, '{}', 'big', now() + (n % 2 * 2 - 1) * interval '1 hour' from ${series}`,
  `with made as (
      insert into uploads (id, metadata, owner, expires_at, concat, parts)
      select ${idOf('-n', '7006')}, '{}', 'big', now() - n % 2 * interval '1 day', 'final', jsonb_build_array(${partUrl(0)}) from ${negative}
      returning id
    )
    insert into concatenations_due select id from made`,
  `insert into uploads (id, length, metadata, owner, expires_at, concat)
    select ${idOf('n * 2', '7001')}, 1000, '{}', 'big', now() + interval '5 minutes', 'partial' from ${negative}`,
  `update all_videos set binned_at = now() - interval '60 days' where id in (
      select id from all_videos where status = 'ready' and binned_at is null order by id limit ${DUE_ROWS})`,
  `insert into recordings (id, next, closed_at)
    select ${idOf('n', '7005')}, 1, case when n % 2 = 0 then now() end from ${series}`,
  `insert into upload_links (id, hash, max_size, expires_at) select gen_random_uuid(), gen_random_uuid()::text, 1, now() - interval '9 days' from ${series}`,
  `insert into idempotent_requests (key, token, lease_until, status, created_at)
    select gen_random_uuid()::text, gen_random_uuid(), now(), 201, now() - interval '2 days' from ${series}`,
  `insert into reservations (id, owner, bytes, is_open, held_until) select gen_random_uuid(), 'big', 1, false, now() - interval '1 minute' from ${series}`,
  `insert into removals (key, created_at) select 'artifacts/' || gen_random_uuid() || '/', now() - n * interval '1 hour' from ${series}`,
  `insert into removals (key, lease_token) select 'artifacts/' || gen_random_uuid() || '/', gen_random_uuid() from ${series}`,
  `insert into outbox (id, type, video_id) select gen_random_uuid(), 'video.ready', gen_random_uuid() from ${series}`,
  `insert into webhook_deliveries (id, webhook_id, event_id, type, video_id, time, state)
    select gen_random_uuid(), webhooks.id, gen_random_uuid(), 'video.ready', gen_random_uuid(), now(), 'pending' from webhooks, ${series}`,
  `insert into webhook_deliveries (id, webhook_id, event_id, type, video_id, time, state)
    select gen_random_uuid(), webhooks.id, gen_random_uuid(), 'video.ready', gen_random_uuid(), now() - interval '9 days', 'failed' from webhooks, ${series}`,
  `with lost as (
      select video_id, row_number() over (order by video_id) as n from steps where name = 'probe' and state = 'done' order by video_id limit ${DUE_ROWS}
    )
    update steps set state = 'running', lease_token = gen_random_uuid(), worker = gen_random_uuid(), finished_at = null,
      lease_until = now() + (n % 2 * 2 - 1) * interval '12 hours'
    from lost where steps.video_id = lost.video_id and name = 'probe'`,
  `update steps set due_at = now() where (video_id, name) in (
      select video_id, name from steps where state = 'failed' order by video_id limit ${DUE_ROWS})`,
  `update steps set state = 'pending', due_at = now() - interval '1 minute', finished_at = null where (video_id, name) in (
      select video_id, name from steps where name in ('probe', 'playback', 'poster', 'transcribe') and state = 'done' order by video_id desc limit ${4 * DUE_ROWS})`,
]
