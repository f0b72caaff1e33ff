import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { isCanonicalId } from '../../base/ids.ts'
import type { Db, VideoStatus } from '../../database/schema.ts'
import { snapshot } from '../../database/snapshot.ts'
import { findMoments, type Moment } from '../search/moments.ts'
import { findMatches, type Match } from '../search/search.ts'
import { parseSearch } from '../search/search-query.ts'
import { VIDEO_COLUMNS, type Video, type VideoRow, withDetails } from './videos.ts'
import type { Viewer } from './viewer.ts'

/** What a list can be ordered by: an expression that is never null, with an index; and its value as a cursor holds it. */
const SORT_KEYS = {
  created_at: {
    expression: sql<Date>`created_at`,
    type: 'timestamptz',
    cursorValue: (video: VideoRow) => video.created_at.toISOString(),
  },
  title: { expression: sql<string>`title`, type: 'text', cursorValue: (video: VideoRow) => video.title },
  size: {
    expression: sql<number>`size`,
    type: 'bigint',
    cursorValue: (video: VideoRow) => String(video.size),
  },
  duration: {
    expression: sql<number>`coalesce(duration, 0)`,
    type: 'double precision',
    cursorValue: (video: VideoRow) => String(video.duration ?? 0),
  },
} as const

type SortKey = keyof typeof SORT_KEYS

/** `key` is ascending, `-key` descending. */
export const SORTS = (Object.keys(SORT_KEYS) as SortKey[]).flatMap(key => [key, `-${key}` as const])
export type Sort = (typeof SORTS)[number]

export interface ListQuery {
  readonly limit: number
  /** Without it what `q` finds comes best first, and everything else latest first. */
  readonly sort?: Sort | undefined
  readonly status?: VideoStatus | undefined
  readonly tag?: string | undefined
  /** RFC 3339; videos of that very moment are not among them. */
  readonly created_after?: string | undefined
  readonly created_before?: string | undefined
  readonly q?: string | undefined
  readonly cursor?: string | undefined
}

/** A video of a list; where something was looked for, with where it is said. */
export interface ListedVideo extends Video {
  readonly moments: readonly Moment[] | undefined
}

export interface VideoPage {
  readonly items: readonly ListedVideo[]
  /** Asks for the page behind this one; null where there is none. */
  readonly nextCursor: string | null
}

/**
 * One page of the videos that somebody may see, by keyset: stable under inserts and deletes, at the same cost on every page. With `q` only what `findMatches` ranks.
 * @throws ApiError 400 for a cursor that was not made for this query.
 */
export async function listVideos(db: Db, viewer: Viewer, query: ListQuery): Promise<VideoPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query)
  const selected = selectedBy(query, viewer)
  if (query.q === undefined)
    return snapshot(db, async db => pageOf(db, query, await selectRows(db, query, { selected, after })))
  const search = parseSearch(query.q)
  const matches = await findMatches(db, search, { selected, owner: viewer.all ? null : viewer.owner })
  const rows = query.sort
    ? await selectRows(db, query, { selected, after, among: matches })
    : await rankedRows(db, query.limit + 1, after, matches)
  const configs = new Map(matches.map(({ id, config }) => [id, config]))
  const found = rows.slice(0, query.limit).map(({ id }) => ({ id, config: configs.get(id)! }))
  const [page, moments] = await Promise.all([
    pageOf(db, query, rows, matches),
    findMoments(db, search, found),
  ])
  return { ...page, items: page.items.map(video => ({ ...video, moments: moments.get(video.id) ?? [] })) }
}

type Position = readonly [value: string, id: string]

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
  return { items, nextCursor: last ? encodeCursor(query, value!, last.id) : null }
}

interface Selection {
  readonly selected: RawBuilder<boolean> | undefined
  readonly after: Position | undefined
  readonly among?: readonly Match[]
}

/** @returns one row more than the page has, if there is one. */
async function selectRows(
  db: Db,
  query: ListQuery,
  { selected, after, among }: Selection,
): Promise<VideoRow[]> {
  const direction = sortOf(query)!.startsWith('-') ? 'desc' : 'asc'
  const { expression, type } = sortKeyOf(query)!
  return db
    .selectFrom('videos')
    .select(VIDEO_COLUMNS)
    .$if(selected !== undefined, builder => builder.where(selected!))
    .$if(among !== undefined, builder =>
      builder.where(sql<boolean>`id = any(${among!.map(({ id }) => id)}::uuid[])`),
    )
    .$if(after !== undefined, builder => {
      const [value, id] = after!
      const compare = sql.raw(direction === 'desc' ? '<' : '>')
      return builder.where(
        sql<boolean>`(${expression}, id) ${compare} (${value}::text::${sql.raw(type)}, ${id}::text::uuid)`,
      )
    })
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
  const behind = matches.filter(
    ({ rank, id }) => last === undefined || rank < Number(value) || (rank === Number(value) && id < last),
  )
  const ids = behind.slice(0, limit).map(({ id }) => id)
  if (ids.length === 0) return []
  const rows = await db.selectFrom('videos').select(VIDEO_COLUMNS).where('id', 'in', ids).execute()
  return ids.flatMap(id => rows.find(row => row.id === id) ?? [])
}

function rankOf(matches: readonly Match[], id: string): string {
  return String(matches.find(match => match.id === id)!.rank)
}

/** All conditions but `q`, on `videos`; and what belongs to others nobody finds. */
function selectedBy(
  { status, tag, created_after, created_before }: ListQuery,
  { all, owner }: Viewer,
): RawBuilder<boolean> | undefined {
  const conditions = [
    ...(all ? [] : [sql`videos.owner = ${owner}`]),
    ...(status === undefined ? [] : [sql`videos.status = ${status}`]),
    ...(tag === undefined ? [] : [sql`videos.tags @> array[${tag}::text]`]),
    ...(created_after === undefined ? [] : [sql`videos.created_at > ${timeOf(created_after)}::timestamptz`]),
    ...(created_before === undefined
      ? []
      : [sql`videos.created_at < ${timeOf(created_before)}::timestamptz`]),
  ]
  return conditions.length === 0 ? undefined : sql`(${sql.join(conditions, sql` and `)})`
}

/** In UTC: PostgreSQL refuses some offsets that RFC 3339 has. */
function timeOf(text: string): string {
  return new Date(text).toISOString()
}

/** @returns undefined for the best first. */
function sortOf({ sort, q }: ListQuery): Sort | undefined {
  return sort ?? (q === undefined ? '-created_at' : undefined)
}

function sortKeyOf(query: ListQuery) {
  const sort = sortOf(query)
  return sort && SORT_KEYS[sort.replace('-', '') as SortKey]
}

/**
 * A place in a list, bound to its order and selection, because a page of another would skip or repeat videos. The sum is no secret: it
 * tells a cursor that has been changed, and one that is made up leads nowhere that a sound one does not.
 */
function encodeCursor(query: ListQuery, value: string, id: string): string {
  const { status, q, tag, created_after, created_before } = query
  const bound = [sortOf(query), status, q, tag, created_after, created_before, value, id]
  const sum = createHash('sha256').update(JSON.stringify(bound.map(part => part ?? null)))
  return Buffer.from(JSON.stringify([sum.digest('base64url'), value, id])).toString('base64url')
}

function decodeCursor(cursor: string, query: ListQuery): [value: string, id: string] {
  try {
    const [, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (
      typeof value === 'string' &&
      isCanonicalId(id) &&
      isValue(value, sortOf(query)) &&
      encodeCursor(query, value, id) === cursor
    ) {
      return [value, id]
    }
  } catch {
    // Not JSON: refused below like any other cursor that is not ours.
  }
  throw new ApiError(
    400,
    'invalid_cursor',
    'The cursor does not belong to this list: begin again without one.',
    'cursor',
  )
}

/** Whether a value is in the very form that `cursorValue` gives it: others may be ones that the database refuses. */
function isValue(value: string, sort: Sort | undefined): boolean {
  if (sort === undefined) return Number.isFinite(Number(value)) && String(Number(value)) === value
  if (sort.endsWith('title')) return !value.includes('\0')
  // PostgreSQL has no year 0, and years behind 9999 in another form.
  if (sort.endsWith('created_at'))
    return /^(?!0000)\d{4}-/.test(value) && new Date(value).toISOString() === value
  const number = Number(value)
  return (
    (sort.endsWith('size') ? Number.isSafeInteger(number) : Number.isFinite(number)) &&
    String(number) === value
  )
}
