import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { snapshot } from '../../database/snapshot.ts'
import { findMarks, type Marks } from '../search/marks.ts'
import { findMoments, type Moment } from '../search/moments.ts'
import { MAX_RANKED, type Match } from '../search/search.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Position } from './cursor.ts'
import { cursorAt, type ListQuery, positionOf, sortKeyOf, sortOf } from './list-query.ts'
import { type Condition, isAmong, matchesOf, setsOf } from './list-selection.ts'
import { countVideos, type VideoCount } from './video-count.ts'
import { VIDEO_COLUMNS, type Video, type VideoRow, withDetails } from './videos.ts'
import type { Viewer } from './viewer.ts'

/** A video in a list. With `q` it has the moments at which the words of the query are spoken. */
export interface ListedVideo extends Video {
  readonly moments: readonly Moment[] | undefined
  readonly found: Marks | undefined
}

export interface VideoPage {
  readonly items: readonly ListedVideo[]
  /** The cursor of the next page; null on the last page. */
  readonly nextCursor: string | null
  /** If the query asks for it. */
  readonly count: VideoCount | undefined
}

/**
 * One page of the videos that the viewer may see. Keyset pagination: inserts and deletes move no other videos between pages, and every page
 * costs the same. With `q`, only videos that `findMatches` ranks.
 * @throws ApiError 400 for a cursor of another query.
 */
export async function listVideos(db: Db, viewer: Viewer, query: ListQuery): Promise<VideoPage> {
  const after = positionOf(query)
  if (query.q === undefined)
    return snapshot(db, async db => {
      const sets = setsOf(query, viewer)
      const page = await pageOf(db, query, await selectRows(db, query, { sets, after }))
      return { ...page, count: query.count ? await countVideos(db, sets) : undefined }
    })
  const search = parseSearch(query.q)
  const matches = await matchesOf(db, search, query, viewer)
  const rows = query.sort
    ? await selectRows(db, query, { sets: [isAmong(matches)], after })
    : await rankedRows(db, query.limit + 1, after, matches)
  const configs = new Map(matches.map(({ id, config }) => [id, config]))
  const found = rows.slice(0, query.limit).map(row => ({ ...row, config: configs.get(row.id)! }))
  const [page, moments, marks] = await Promise.all([
    pageOf(db, query, rows, matches),
    findMoments(db, search, found),
    findMarks(db, search, found),
  ])
  return {
    ...page,
    items: page.items.map(video => ({
      ...video,
      moments: moments.get(video.id) ?? [],
      found: marks.get(video.id),
    })),
    count: query.count ? { videos: matches.length, more: matches.length >= MAX_RANKED } : undefined,
  }
}

async function pageOf(
  db: Db,
  query: ListQuery,
  rows: readonly VideoRow[],
  matches: readonly Match[] = [],
): Promise<Omit<VideoPage, 'count'>> {
  const page = rows.slice(0, query.limit)
  const last = rows.length > page.length ? page.at(-1) : undefined
  const value = last && (sortKeyOf(query)?.cursorValue(last) ?? rankOf(matches, last.id))
  const items = (await withDetails(db, page)).map(video => ({
    ...video,
    moments: undefined,
    found: undefined,
  }))
  return { items, nextCursor: last ? cursorAt(query, [value!, last.id]) : null }
}

interface Selection {
  /** Conditions on `videos`, each with its own index. No video meets two of them. */
  readonly sets: readonly Condition[]
  readonly after: Position | undefined
}

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
