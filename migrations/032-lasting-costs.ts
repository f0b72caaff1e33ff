import { type Kysely, sql } from 'kysely'

/**
 * A table and indexes, so that sweeps and quotas read only the rows that are due or that count. `if not exists`, because an operator can create
 * the indexes before an upgrade without blocking writers.
 */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`create table concatenations_due (id uuid primary key)`.execute(db)
  await sql`
    insert into concatenations_due
    select id from all_uploads where concat = 'final' and finished_at is null`.execute(db)
  for (const [name, definition] of INDEXES)
    await sql`create index if not exists ${sql.id(name)} on ${sql.raw(definition)}`.execute(db)
  // Without them the planner believes that half of all videos have long texts, and reads the whole table.
  for (const [name, expression] of STATISTICS)
    await sql`create statistics if not exists ${sql.id(name)} on (${sql.raw(expression)}) from all_videos`.execute(
      db,
    )
}

const STATISTICS = [
  ['all_videos_text_bytes', 'octet_length(title) + octet_length(description)'],
  ['all_videos_tag_count', 'cardinality(tags)'],
] as const

const INDEXES = [
  // The segments of the parts' URLs. One of them is the id of the part.
  [
    'uploads_waiting_for_part',
    `all_uploads using gin (regexp_split_to_array(parts::text, '[/?"]+')) with (fastupdate = off)
      where concat = 'final' and finished_at is null`,
  ],
  ['all_videos_owner_size', 'all_videos (owner) include (id, size) where owner is not null'],
  // Only texts of more than 4096 bytes count towards a quota. A tag has at most 200 bytes.
  [
    'all_videos_owner_long_texts',
    `all_videos (owner) where octet_length(title) + octet_length(description) > 2048 or cardinality(tags) > 4`,
  ],
  ['all_uploads_owner', 'all_uploads (owner) where owner is not null'],
  [
    'all_uploads_owner_long_texts',
    `all_uploads (owner) where octet_length(metadata::text) + coalesce(octet_length(parts::text), 0) + octet_length(promised::text) > 4096`,
  ],
  [
    'all_uploads_owner_counted',
    `all_uploads (owner) where (finished_at is null or concat = 'partial') and not joined and not binned`,
  ],
  ['transcripts_of_people', `transcripts (video_id) include (size) where origin = 'person'`],
] as const
