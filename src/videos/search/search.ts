import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { findingQuery, rankingQuery, type SearchQuery } from './search-query.ts'
import { ownerMark, SLICE_VIDEOS, sliceMark, sliceOf } from './search-vectors.ts'

/** Only the newest matching videos are ranked: this many by all texts, and this many by title and description. */
export const MAX_RANKED = 400
const MAX_RANKED_BY_HEADING = 200

/** The videos with a tag are searched one by one if there are at most this many. */
const MAX_TAGGED = 10_000

/** Number of slices in each phase of a search, from the newest, until there are enough hits. The last phase searches the rest. */
const PHASE_SLICES = [2, 8, 32]

export interface Match {
  readonly id: string
  /** Higher is better: title before description before transcript. */
  readonly rank: number
  /** The text search configuration of the video's language. */
  readonly config: string
}

/**
 * The uploaded videos that match a query, best first. If there are many, only the newest are ranked.
 * @param among.selected a condition on `videos`. @param among.owner only the videos of this owner; null for all owners.
 * @param among.tag the tag in `selected`, if it has one.
 */
export async function findMatches(
  db: Db,
  query: SearchQuery,
  among: {
    readonly selected: RawBuilder<boolean> | undefined
    readonly owner: string | null
    readonly tag?: string | undefined
  },
): Promise<Match[]> {
  const { selected, owner, tag } = among
  if (query.length === 0) return []
  const configs = await configsInUse(db)
  const { rows } = await sql<{ text: string; ranking: string; last: number | null }>`
    select ${findingQuery(query, configs)}::text as text, ${rankingQuery(query, configs)}::text as ranking,
      (select max(n) from video_search) as last`.execute(db)
  const { text, ranking, last } = rows[0]!
  if (text === '' || last === null) return []
  const finding = owner === null ? text : `(${text}) & ${quoted(ownerMark(owner))}`
  const ids = tag === undefined ? undefined : await taggedVideos(db, tag)
  const search = { finding, ranking, last, selected, ids }
  const hits = await Promise.all([
    newest(db, { ...search, column: 'heading', cap: MAX_RANKED_BY_HEADING }),
    newest(db, { ...search, column: 'search', cap: MAX_RANKED }),
  ])
  const found = new Map(hits.flat().map(match => [match.id, match]))
  return [...found.values()].sort(byRank)
}

/** Sorts the best match first. */
export function byRank(a: Match, b: Match): number {
  return b.rank - a.rank || (a.id < b.id ? 1 : -1)
}

/** Quotes a lexeme for a `tsquery`. */
function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

interface Search {
  readonly column: 'heading' | 'search'
  readonly cap: number
  /** Each a `tsquery`. */
  readonly finding: string
  readonly ranking: string
  readonly last: number
  readonly selected: RawBuilder<boolean> | undefined
  /** If set, only these videos can match. */
  readonly ids: readonly string[] | undefined
}

/** Videos with a tag; undefined if they are too many. A search for a common word would read all videos with the word. */
async function taggedVideos(db: Db, tag: string): Promise<string[] | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from videos where status <> 'uploading' and tags @> array[${tag}::text] limit ${MAX_TAGGED + 1}`.execute(
    db,
  )
  return rows.length > MAX_TAGGED ? undefined : rows.map(({ id }) => id)
}

async function newest(db: Db, search: Search): Promise<Match[]> {
  const { ids, finding } = search
  if (ids) return phase(db, search, sql`${finding}::tsquery and video_id = any(${ids}::uuid[])`, 0)
  const matches: Match[] = []
  let slice = sliceOf(search.last)
  for (const count of PHASE_SLICES) {
    const slices = Array.from({ length: Math.min(count, slice + 1) }, (_, index) => slice - index)
    const marks = slices.map(one => `'${sliceMark(one)}'`).join(' | ')
    matches.push(
      ...(await phase(db, search, sql`(${search.finding}::tsquery && ${marks}::tsquery)`, matches.length)),
    )
    slice -= count
    if (slice < 0 || matches.length >= search.cap) return matches
  }
  const rest = sql`${search.finding}::tsquery and n < ${(slice + 1) * SLICE_VIDEOS}`
  return [...matches, ...(await phase(db, search, rest, matches.length))]
}

/** Ranks by `heading` and `search`. Each of the three terms stays below its factor, so that no number of spoken words outranks a title. */
export function rankBy(query: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(4 * ts_rank_cd('{0, 0, 0, 1}', heading, ${query}, 32) + 2 * ts_rank_cd('{0, 0, 1, 0}', heading, ${query}, 32)
    + ts_rank_cd('{0.1, 0.1, 0.4, 1}', search, ${query}, 32))::float8`
}

async function phase(
  db: Db,
  { column, cap, ranking, selected }: Search,
  condition: RawBuilder<unknown>,
  had: number,
): Promise<Match[]> {
  const query = sql`${ranking}::tsquery`
  // `n + 0` disables the index on n, through which PostgreSQL would read video after video if it expects many hits.
  const { rows } = await sql<Match>`
    select video_id as id, config, ${rankBy(query)} as rank
    from (
      select video_id, config, heading, search from video_search
      where ${sql.ref(column)} @@ ${condition}
        ${selected ? sql`and exists (select from videos where videos.id = video_id and ${selected})` : sql``}
      order by n + 0 desc
      limit ${cap - had}
    ) as hits`.execute(db)
  return rows
}

/** The configurations in use. Reads the index value by value, because `distinct` would read all rows. */
async function configsInUse(db: Db): Promise<string[]> {
  const { rows } = await sql<{ config: string | null }>`
    with recursive used as (
      select min(config) as config from video_search
      union all
      select (select min(config) from video_search where config > used.config) from used where used.config is not null
    )
    select config from used where config is not null`.execute(db)
  return rows.map(row => row.config!)
}
