import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
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

/** The requested statuses except `uploading`; undefined for all of them. */
function finishedStatuses({ status }: ListQuery): readonly string[] | undefined {
  return status?.filter(one => one !== 'uploading')
}

function includesUploading({ status }: ListQuery): boolean {
  return status?.includes('uploading') ?? false
}

const UPLOADING = sql`videos.status = 'uploading'`
/** A literal instead of a parameter, because it is the condition of partial indexes. */
const NOT_UPLOADING = sql`videos.status <> 'uploading'`

/** Conditions on `videos`, each with its own index. No video meets two of them. */
export function setsOf(query: ListQuery, viewer: Viewer): Condition[] {
  const conditions = conditionsOf(query, viewer)
  const statuses = finishedStatuses(query)
  return [
    ...(statuses?.length === 0 ? [] : [allOf([NOT_UPLOADING, ...statusIn(statuses), ...conditions])]),
    ...(includesUploading(query) ? [allOf([UPLOADING, ...conditions])] : []),
  ]
}

function statusIn(statuses: readonly string[] | undefined): RawBuilder<unknown>[] {
  if (statuses === undefined) return []
  // With a single status, the rows of the index are in the order of the list.
  if (statuses.length === 1) return [sql`videos.status = ${statuses[0]}`]
  return [sql`videos.status = any(${statuses}::text[])`]
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
  const statuses = finishedStatuses(query)
  const indexed = [...statusIn(statuses), ...conditions]
  const among = {
    selected: indexed.length === 0 ? undefined : allOf([NOT_UPLOADING, ...indexed]),
    owner: viewer.all ? null : viewer.owner,
    tag: query.tag,
  }
  const found = statuses?.length === 0 ? [] : await findMatches(db, search, among)
  if (!includesUploading(query)) return found
  return [...found, ...(await findUnindexed(db, search, allOf([UPLOADING, ...conditions])))].sort(byRank)
}

/** Converts to UTC, because PostgreSQL refuses some time zone offsets that RFC 3339 permits. */
function timeOf(text: string): string {
  return new Date(text).toISOString()
}
