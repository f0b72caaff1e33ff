import { sql } from 'kysely'
import type { Db, VideoStatus } from '../database/schema.ts'
import { ApiError } from '../errors.ts'
import { VIDEO_COLUMNS, type Video, withDetails } from './videos.ts'

/** What a list can be ordered by: an expression that is never null, with an index. */
const SORT_KEYS = {
  created_at: { expression: sql<Date>`created_at`, type: 'timestamptz' },
  title: { expression: sql<string>`title`, type: 'text' },
  size: { expression: sql<number>`size`, type: 'bigint' },
  duration: { expression: sql<number>`coalesce(duration, 0)`, type: 'double precision' },
} as const

type SortKey = keyof typeof SORT_KEYS

/** `key` is ascending, `-key` descending. */
export const SORTS = (Object.keys(SORT_KEYS) as SortKey[]).flatMap(key => [key, `-${key}` as const])
export type Sort = (typeof SORTS)[number]

export interface ListQuery {
  readonly limit: number
  readonly sort: Sort
  readonly status?: VideoStatus | undefined
  readonly q?: string | undefined
  readonly cursor?: string | undefined
}

export interface VideoPage {
  readonly items: readonly Video[]
  /** Asks for the page behind this one; null where there is none. */
  readonly nextCursor: string | null
}

/**
 * One page of videos by keyset: stable under inserts and deletes, at the same cost on every page.
 * @throws ApiError 400 for a cursor that was not made for this query.
 */
export async function listVideos(db: Db, query: ListQuery): Promise<VideoPage> {
  const descending = query.sort.startsWith('-')
  const { expression, type } = SORT_KEYS[query.sort.replace('-', '') as SortKey]
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query)
  const direction = descending ? 'desc' : 'asc'
  const rows = await db
    .selectFrom('videos')
    .select(VIDEO_COLUMNS)
    .select(sql<string>`${expression}::text`.as('sort_value'))
    .$if(query.status !== undefined, builder => builder.where('status', '=', query.status!))
    .$if(query.q !== undefined, builder =>
      builder.where(sql<boolean>`search @@ websearch_to_tsquery('simple', ${query.q})`),
    )
    .$if(after !== undefined, builder => {
      const [value, id] = after!
      const compare = sql.raw(descending ? '<' : '>')
      return builder.where(
        sql<boolean>`(${expression}, id) ${compare} (${value}::text::${sql.raw(type)}, ${id}::text::uuid)`,
      )
    })
    .orderBy(expression, direction)
    .orderBy('id', direction)
    .limit(query.limit + 1)
    .execute()
  const page = rows.slice(0, query.limit)
  const last = page.at(-1)
  const items = await withDetails(db, page)
  return {
    items,
    nextCursor: rows.length > page.length && last ? encodeCursor(query, last.sort_value, last.id) : null,
  }
}

/** What the cursor is bound to: a page of another order or selection would skip or repeat videos. */
function selectionOf(query: ListQuery): string {
  return JSON.stringify([query.sort, query.status ?? null, query.q ?? null])
}

function encodeCursor(query: ListQuery, value: string, id: string): string {
  return Buffer.from(JSON.stringify([selectionOf(query), value, id])).toString('base64url')
}

function decodeCursor(cursor: string, query: ListQuery): [value: string, id: string] {
  try {
    const [selection, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (
      selection === selectionOf(query) &&
      typeof value === 'string' &&
      isUuid(id) &&
      isValue(value, query.sort)
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

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
}

function isValue(value: string, sort: Sort): boolean {
  if (value.includes('\0')) return false
  if (sort.endsWith('title')) return true
  if (sort.endsWith('created_at'))
    return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/.test(value)
  return (
    /^\d{1,18}(\.\d{1,20})?(e[+-]?\d{1,3})?$/.test(value) && (!sort.endsWith('size') || /^\d+$/.test(value))
  )
}
