import { sql } from 'kysely'
import type { Db, VideoStatus } from '../database/schema.ts'
import { ApiError } from '../errors.ts'
import { VIDEO_COLUMNS, type Video, type VideoRow, withDetails } from './videos.ts'

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
  const { expression, type, cursorValue } = SORT_KEYS[query.sort.replace('-', '') as SortKey]
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query)
  const direction = descending ? 'desc' : 'asc'
  const rows = await db
    .selectFrom('videos')
    .select(VIDEO_COLUMNS)
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
    nextCursor: rows.length > page.length && last ? encodeCursor(query, cursorValue(last), last.id) : null,
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

/** Whether a value is in the very form that `cursorValue` gives it: others may be ones that the database refuses. */
function isValue(value: string, sort: Sort): boolean {
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
