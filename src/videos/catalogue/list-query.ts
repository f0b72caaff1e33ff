import { sql } from 'kysely'
import type { VideoStatus } from '../../database/tables/videos.ts'
import { decodeCursor, encodeCursor, isTimeValue, type Position } from './cursor.ts'
import type { VideoRow } from './videos.ts'

/** The sort keys of the list. Each has an expression that is never null and has an index, and its value as text for a cursor. */
const SORT_KEYS = {
  created_at: {
    expression: sql<Date>`created_at`,
    type: 'timestamptz',
    cursorValue: (video: VideoRow) => video.created_at.toISOString(),
  },
  title: { expression: sql<string>`title`, type: 'text', cursorValue: (video: VideoRow) => video.title },
  size: {
    expression: sql<number>`coalesce(size, 0)`,
    type: 'bigint',
    cursorValue: (video: VideoRow) => String(video.size ?? 0),
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
  /** Default: with `q` the best match first, otherwise the latest video first. */
  readonly sort?: Sort | undefined
  /** Videos with any of these statuses. Default: all statuses except `uploading`. */
  readonly status?: readonly VideoStatus[] | undefined
  /** Whether only videos are listed that failed, or that are ready although a step failed. */
  readonly needs_attention?: boolean | undefined
  readonly tag?: string | undefined
  /** RFC 3339. A video created at exactly this time is not included. */
  readonly created_after?: string | undefined
  readonly created_before?: string | undefined
  readonly q?: string | undefined
  /** Whether to count the videos too. */
  readonly count?: boolean | undefined
  readonly cursor?: string | undefined
}

/** @returns undefined if the list is ordered by rank. */
export function sortOf({ sort, q }: ListQuery): Sort | undefined {
  return sort ?? (q === undefined ? '-created_at' : undefined)
}

export function sortKeyOf(query: ListQuery) {
  const sort = sortOf(query)
  return sort && SORT_KEYS[sort.replace('-', '') as SortKey]
}

export function cursorAt(query: ListQuery, position: Position): string {
  return encodeCursor(listOf(query), position)
}

/** @throws ApiError 400 for a cursor of another query. */
export function positionOf(query: ListQuery): Position | undefined {
  if (query.cursor === undefined) return undefined
  return decodeCursor(query.cursor, listOf(query), value => isValue(value, sortOf(query)))
}

/** The order and selection of a list. */
function listOf(query: ListQuery): unknown[] {
  const { status, q, tag, created_after, created_before, needs_attention } = query
  const statuses = status && [...new Set(status)].toSorted().join()
  const all = [sortOf(query), statuses, q, tag, created_after, created_before]
  // Cursors of other lists stay valid.
  return needs_attention ? [...all, 'needs_attention'] : all
}

/** Whether a value has exactly the form that `cursorValue` returns. The database may refuse other forms. */
function isValue(value: string, sort: Sort | undefined): boolean {
  if (sort === undefined) return Number.isFinite(Number(value)) && String(Number(value)) === value
  if (sort.endsWith('title')) return !value.includes('\0')
  if (sort.endsWith('created_at')) return isTimeValue(value)
  const number = Number(value)
  return (
    (sort.endsWith('size') ? Number.isSafeInteger(number) : Number.isFinite(number)) &&
    String(number) === value
  )
}
