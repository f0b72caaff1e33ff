import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { snapshot } from '../../database/snapshot.ts'
import { findMoments, type Moment } from '../search/moments.ts'
import { byRank, findMatches, type Match } from '../search/search.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import { findUnindexed } from '../search/unindexed.ts'
import type { Position } from './cursor.ts'
import { cursorAt, type ListQuery, positionOf, sortKeyOf, sortOf } from './list-query.ts'
import { VIDEO_COLUMNS, type Video, type VideoRow, withDetails } from './videos.ts'
import type { Viewer } from './viewer.ts'

/** A video in a list. With `q` it has the moments at which the words of the query are spoken. */
export interface ListedVideo extends Video {
  readonly moments: readonly Moment[] | undefined
}

export interface VideoPage {
  readonly items: readonly ListedVideo[]
  /** The cursor of the next page; null on the last page. */
  readonly nextCursor: string | null
}

/**
 * One page of the videos that the viewer may see. Keyset pagination: inserts and deletes move no other videos between pages, and every page
 * costs the same. With `q`, only videos that `findMatches` ranks.
 * @throws ApiError 400 for a cursor of another query.
 */
export async function listVideos(db: Db, viewer: Viewer, query: ListQuery): Promise<VideoPage> {
  const after = positionOf(query)
  if (query.q === undefined)
    return snapshot(db, async db =>
      pageOf(db, query, await selectRows(db, query, { sets: setsOf(query, viewer), after })),
    )
  const search = parseSearch(query.q)
  const matches = await matchesOf(db, search, query, viewer)
  const rows = query.sort
    ? await selectRows(db, query, { sets: [isAmong(matches)], after })
    : await rankedRows(db, query.limit + 1, after, matches)
  const configs = new Map(matches.map(({ id, config }) => [id, config]))
  const found = rows.slice(0, query.limit).map(({ id }) => ({ id, config: configs.get(id)! }))
  const [page, moments] = await Promise.all([
    pageOf(db, query, rows, matches),
    findMoments(db, search, found),
  ])
  return { ...page, items: page.items.map(video => ({ ...video, moments: moments.get(video.id) ?? [] })) }
}

async function pageOf(
  db: Db,
  query: ListQuery,
  rows: readonly VideoRow[],
  matches: readonly Match[] = [],
): Promise<VideoPage> {
  const page = rows.slice(0, query.limit)
  const last = rows.length > page.length ? page.at(-1) : undefined
  const value = last && (sortKeyOf(query)?.cursorValue(last) ?? rankOf(matches, last.id))
  const items = (await withDetails(db, page)).map(video => ({ ...video, moments: undefined }))
  return { items, nextCursor: last ? cursorAt(query, [value!, last.id]) : null }
}

interface Selection {
  /** Conditions on `videos`, each with its own index. No video meets two of them. */
  readonly sets: readonly Condition[]
  readonly after: Position | undefined
}

type Condition = RawBuilder<boolean>

/** @returns up to `limit + 1` rows: the additional row shows that there is another page. */
async function selectRows(db: Db, query: ListQuery, { sets, after }: Selection): Promise<VideoRow[]> {
  const direction = sortOf(query)!.startsWith('-') ? 'desc' : 'asc'
  const { expression, type } = sortKeyOf(query)!
  const compare = sql.raw(direction === 'desc' ? '<' : '>')
  const firstOf = (set: Condition) =>
    db
      .selectFrom('videos')
      .select(VIDEO_COLUMNS)
      .where(set)
      .$if(after !== undefined, builder => {
        const [value, id] = after!
        return builder.where(
          sql<boolean>`(${expression}, id) ${compare} (${value}::text::${sql.raw(type)}, ${id}::text::uuid)`,
        )
      })
      .orderBy(expression, direction)
      .orderBy('id', direction)
      .limit(query.limit + 1)
  const [one, other] = sets.map(firstOf)
  if (!one || !other) return one ? one.execute() : []
  const both = db
    .selectFrom(one.as('one'))
    .selectAll()
    .unionAll(db.selectFrom(other.as('other')).selectAll())
  return db
    .selectFrom(both.as('videos'))
    .selectAll()
    .orderBy(expression, direction)
    .orderBy('id', direction)
    .limit(query.limit + 1)
    .execute()
}

async function rankedRows(
  db: Db,
  limit: number,
  after: Position | undefined,
  matches: readonly Match[],
): Promise<VideoRow[]> {
  const [value, last] = after ?? []
  const remaining = matches.filter(
    ({ rank, id }) => last === undefined || rank < Number(value) || (rank === Number(value) && id < last),
  )
  const ids = remaining.slice(0, limit).map(({ id }) => id)
  if (ids.length === 0) return []
  const rows = await db.selectFrom('videos').select(VIDEO_COLUMNS).where('id', 'in', ids).execute()
  return ids.flatMap(id => rows.find(row => row.id === id) ?? [])
}

function rankOf(matches: readonly Match[], id: string): string {
  return String(matches.find(match => match.id === id)!.rank)
}

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

function setsOf(query: ListQuery, viewer: Viewer): Condition[] {
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

function isAmong(matches: readonly Match[]): Condition {
  return sql`id = any(${matches.map(({ id }) => id)}::uuid[])`
}

/** The matches of `q`, best first. Videos that are being uploaded are not in the search index. */
async function matchesOf(db: Db, search: SearchQuery, query: ListQuery, viewer: Viewer): Promise<Match[]> {
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
