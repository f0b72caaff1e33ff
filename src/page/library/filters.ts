import { mark } from '../locale/say.ts'
import { navigate } from '../router.ts'

/** The choice of videos in the library. The address of the view has the same values. */
export interface Filters {
  readonly q: string
  readonly tag: string
  readonly status: Status | ''
  readonly since: Since | ''
  /** First and last day, as `2026-01-31` in the user's time zone. */
  readonly from: string
  readonly to: string
  /** Empty for the default: the best match first during a search, otherwise the newest video first. */
  readonly sort: string
}

export const STATUSES = [
  ['ready', mark('Ready')],
  ['processing', mark('Processing')],
  ['attention', mark('Needs attention')],
] as const
export type Status = (typeof STATUSES)[number][0]

const PERIODS = [
  ['day', mark('Today'), 0],
  ['week', mark('Last 7 days'), 6],
  ['month', mark('Last 30 days'), 29],
  ['year', mark('Last 12 months'), 364],
] as const
export type Since = (typeof PERIODS)[number][0]
export const SINCE: readonly (readonly [value: Since, label: string])[] = PERIODS.map(
  ([value, label]) => [value, label] as const,
)

export const SORTS = [
  ['-created_at', mark('Newest first')],
  ['created_at', mark('Oldest first')],
  ['title', mark('By title')],
  ['-duration', mark('Longest first')],
  ['-size', mark('Largest first')],
] as const

export const NO_FILTERS: Filters = { q: '', tag: '', status: '', since: '', from: '', to: '', sort: '' }

export const MAX_QUERY_LENGTH = 500
const MAX_TAG_LENGTH = 50

/** Pasted text can contain control characters, and more characters than the server accepts. */
export const cleanQuery = (text: string) =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_QUERY_LENGTH)

/** The filters in an address. Unknown values count as no filter. */
export function filtersOf(search: URLSearchParams): Filters {
  const one = <T extends string>(name: string, values: readonly (readonly [T, ...unknown[]])[]): T | '' =>
    values.find(([value]) => value === search.get(name))?.[0] ?? ''
  const day = (name: string) => {
    const text = search.get(name) ?? ''
    return dayStart(text) ? text : ''
  }
  return {
    q: cleanQuery(search.get('q') ?? ''),
    tag: cleanQuery(search.get('tag') ?? '').slice(0, MAX_TAG_LENGTH),
    status: one('status', STATUSES),
    since: one('since', PERIODS),
    from: day('from'),
    to: day('to'),
    sort: one('sort', SORTS),
  }
}

/** The address of the library with these filters, for `navigate` and `address`. */
export function pathTo(filters: Filters): string {
  const set = Object.entries(filters).filter(([, value]) => value !== '')
  return set.length > 0 ? `?${new URLSearchParams(set)}` : ''
}

export function showFilters(filters: Filters, how: 'push' | 'replace' = 'push'): void {
  navigate(pathTo(filters), how)
  scrollTo(0, 0)
}

/** Whether only a part of the videos is shown. A search is not a filter. */
export function isFiltered({ tag, status, since, from, to }: Filters): boolean {
  return [tag, status, since, from, to].some(value => value !== '')
}

export function sameFilters(one: Filters, other: Filters): boolean {
  return (Object.keys(one) as (keyof Filters)[]).every(name => one[name] === other[name])
}

/** The videos that failed, and those of which a step failed. */
export const NEEDS_ATTENTION = { needs_attention: 'true' }

/** The parameters of `GET /videos`. Without a search and a status, videos that failed are left out, because they have their own section. */
export function parametersOf(filters: Filters, now = new Date()): Record<string, string> {
  const { q, tag, status, sort } = filters
  const { after, before } = timesOf(filters, now)
  const isAttention = status === 'attention'
  const statuses = isAttention ? '' : status || (q ? '' : 'processing,ready')
  return {
    ...(isAttention && NEEDS_ATTENTION),
    ...(q && { q }),
    ...(tag && { tag }),
    ...(statuses && { status: statuses }),
    ...(sort ? { sort } : !q && { sort: '-created_at' }),
    ...(after && { created_after: after.toISOString() }),
    ...(before && { created_before: before.toISOString() }),
  }
}

function timesOf({ since, from, to }: Filters, now: Date): { after?: Date; before?: Date } {
  const period = PERIODS.find(([value]) => value === since)
  const first = period
    ? new Date(now.getFullYear(), now.getMonth(), now.getDate() - period[2])
    : dayStart(from)
  const last = dayStart(to)
  return {
    // The API leaves out a video of exactly this time.
    ...(first && { after: new Date(first.getTime() - 1) }),
    ...(last && { before: new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1) }),
  }
}

/** Midnight of a day in the user's time zone; undefined for a text that is not a day. */
export function dayStart(text: string): Date | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  // 31 February would become a day in March.
  return Number(year) > 1900 && date.getDate() === Number(day) ? date : undefined
}
