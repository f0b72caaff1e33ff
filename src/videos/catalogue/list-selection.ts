import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { VideoStatus } from '../../database/tables/videos.ts'
import { byRank, findMatches, type Match } from '../search/search.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { findUnindexed } from '../search/unindexed.ts'
import type { ListQuery } from './list-query.ts'
import type { Viewer } from './viewer.ts'

export type Condition = RawBuilder<boolean>

/** All conditions except `status` and `q`. Videos of other owners are never found. */
function conditionsOf(
  { tag, created_after, created_before }: ListQuery,
  { all, owner }: Viewer,
): RawBuilder<unknown>[] {
  return [
    ...(all ? [] : [sql`videos.owner = ${owner}`]),
    ...(tag === undefined ? [] : [sql`videos.tags @> array[${tag}::text]`]),
    ...(created_after === undefined ? [] : [sql`videos.created_at > ${timeOf(created_after)}::timestamptz`]),
    ...(created_before === undefined
      ? []
      : [sql`videos.created_at < ${timeOf(created_before)}::timestamptz`]),
  ]
}

function allOf(conditions: readonly RawBuilder<unknown>[]): Condition {
  return sql`(${sql.join(conditions, sql` and `)})`
}

function includesUploading({ status, needs_attention }: ListQuery): boolean {
  return !needs_attention && (status?.includes('uploading') ?? false)
}

const UPLOADING = sql`videos.status = 'uploading'`
/** A literal instead of a parameter, because it is the condition of partial indexes. */
const NOT_UPLOADING = sql`videos.status <> 'uploading'`
/**
 * `steps_failed` is an index with this condition. The array is made first, because few videos are ready although a step failed: with a join,
 * PostgreSQL would look for the steps of each video if it does not know that.
 */
const HAS_FAILED_STEP = sql`videos.id = any(array(
  select video_id from steps where state = 'failed' and name <> 'probe'))`

/** Conditions on `videos`, each with its own index. No video meets two of them. */
export function setsOf(query: ListQuery, viewer: Viewer): Condition[] {
  const conditions = conditionsOf(query, viewer)
  return [
    ...finishedSets(query).map(set => allOf([NOT_UPLOADING, ...set, ...conditions])),
    ...(includesUploading(query) ? [allOf([UPLOADING, ...conditions])] : []),
  ]
}

/** The same for the statuses of a query, apart from `uploading`. */
function finishedSets({ status, needs_attention }: ListQuery): RawBuilder<unknown>[][] {
  const statuses = status?.filter(one => one !== 'uploading')
  const isWanted = (one: VideoStatus) => status?.includes(one) ?? true
  if (needs_attention)
    return [
      ...(isWanted('failed') ? [[hasStatus('failed')]] : []),
      ...(isWanted('ready') ? [[hasStatus('ready'), HAS_FAILED_STEP]] : []),
    ]
  if (statuses === undefined) return [[]]
  if (statuses.length < 2) return statuses.map(one => [hasStatus(one)])
  return [[sql`videos.status = any(${statuses}::text[])`]]
}

/** With a single status, the rows of the index are in the order of the list. */
function hasStatus(status: VideoStatus): RawBuilder<unknown> {
  return sql`videos.status = ${status}`
}

export function isAmong(matches: readonly Match[]): Condition {
  return sql`id = any(${matches.map(({ id }) => id)}::uuid[])`
}

/** The matches of `q`, best first. Videos that are being uploaded are not in the search index. */
export async function matchesOf(
  db: Db,
  search: SearchQuery,
  query: ListQuery,
  viewer: Viewer,
): Promise<Match[]> {
  const conditions = conditionsOf(query, viewer)
  const sets = finishedSets(query)
  const isInSet = sets.some(set => set.length === 0) ? [] : [sql`(${sql.join(sets.map(allOf), sql` or `)})`]
  const indexed = [...isInSet, ...conditions]
  const among = {
    selected: indexed.length === 0 ? undefined : allOf([NOT_UPLOADING, ...indexed]),
    owner: viewer.all ? null : viewer.owner,
    tag: query.tag,
  }
  const found = sets.length === 0 ? [] : await findMatches(db, search, among)
  if (!includesUploading(query)) return found
  return [...found, ...(await findUnindexed(db, search, allOf([UPLOADING, ...conditions])))].sort(byRank)
}

/** Converts to UTC, because PostgreSQL refuses some time zone offsets that RFC 3339 permits. */
function timeOf(text: string): string {
  return new Date(text).toISOString()
}
