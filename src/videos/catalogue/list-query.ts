import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { sha256Stream } from '../../base/hash.ts'
import { isCanonicalId } from '../../base/ids.ts'
import type { VideoStatus } from '../../database/tables/videos.ts'
import type { VideoRow } from './videos.ts'

/** The keys that a list can be ordered by: an expression that is never null and has an index, and its value as a cursor holds it. */
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
  /** By default the best match first with `q`, else the latest video first. */
  readonly sort?: Sort | undefined
  /** Any of these; without it all but `uploading`. */
  readonly status?: readonly VideoStatus[] | undefined
  readonly tag?: string | undefined
  /** RFC 3339. Videos of that very moment are left out. */
  readonly created_after?: string | undefined
  readonly created_before?: string | undefined
  readonly q?: string | undefined
  readonly cursor?: string | undefined
}

/** @returns undefined for the order by rank. */
export function sortOf({ sort, q }: ListQuery): Sort | undefined {
  return sort ?? (q === undefined ? '-created_at' : undefined)
}

export function sortKeyOf(query: ListQuery) {
  const sort = sortOf(query)
  return sort && SORT_KEYS[sort.replace('-', '') as SortKey]
}

/**
 * A position in a list, bound to the order and selection of the list: in another list it would skip or repeat videos. The hash is not
 * secret. It detects a changed cursor, and a forged cursor gives access to nothing that a valid one does not.
 */
export function encodeCursor(query: ListQuery, value: string, id: string): string {
  const { status, q, tag, created_after, created_before } = query
  const statuses = status && [...new Set(status)].toSorted().join()
  const bound = [sortOf(query), statuses, q, tag, created_after, created_before, value, id]
  const sum = sha256Stream().update(JSON.stringify(bound.map(part => part ?? null)))
  return Buffer.from(JSON.stringify([sum.digest('base64url'), value, id])).toString('base64url')
}

export function decodeCursor(cursor: string, query: ListQuery): [value: string, id: string] {
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

/** Whether a value has exactly the form that `cursorValue` gives. The database may refuse other forms. */
function isValue(value: string, sort: Sort | undefined): boolean {
  if (sort === undefined) return Number.isFinite(Number(value)) && String(Number(value)) === value
  if (sort.endsWith('title')) return !value.includes('\0')
  // PostgreSQL has no year 0, and writes years after 9999 in another form.
  if (sort.endsWith('created_at'))
    return /^(?!0000)\d{4}-/.test(value) && new Date(value).toISOString() === value
  const number = Number(value)
  return (
    (sort.endsWith('size') ? Number.isSafeInteger(number) : Number.isFinite(number)) &&
    String(number) === value
  )
}
