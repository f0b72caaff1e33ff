import type { IncomingHttpHeaders } from 'node:http'

/** What conditions are compared with. */
export interface Validators {
  /** An entity tag with its quotes; a weak one begins with `W/`. */
  readonly etag: string
  readonly lastModified?: Date | undefined
}

/**
 * Evaluates the conditions of a GET or HEAD in the order of RFC 9110 §13.2.2, If-Range apart.
 * @returns the status that is the answer, or undefined where the request goes on.
 */
export function preconditionStatus(headers: IncomingHttpHeaders, now: Validators): 304 | 412 | undefined {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match !== undefined) {
    if (!matchesStrongly(match, now.etag)) return 412
  } else if (isModifiedSince(headers['if-unmodified-since'], now) === true) return 412
  if (noneMatch !== undefined) return matchesWeakly(noneMatch, now.etag) ? 304 : undefined
  return isModifiedSince(headers['if-modified-since'], now) === false ? 304 : undefined
}

/** If-Match (RFC 9110 §13.1.1): `*`, or one of the list by strong comparison. */
export function matchesStrongly(header: string, etag: string): boolean {
  return header.trim() === '*' || (!etag.startsWith('W/') && tagsOf(header).includes(etag))
}

/**
 * If-Match of a change. A tag of a video is `"what persons have changed-version"`: only the first part is compared, because a step of
 * processing that went on is no change that could be overwritten.
 */
export function seenBy(header: string): (tag: string) => boolean {
  return tag =>
    header.trim() === '*' ||
    tagsOf(header).some(one => !one.startsWith('W/') && one.slice(1, -1).split('-')[0] === tag)
}

function matchesWeakly(header: string, etag: string): boolean {
  const opaque = (tag: string) => tag.replace(/^W\//, '')
  return header.trim() === '*' || tagsOf(header).map(opaque).includes(opaque(etag))
}

/**
 * If-Range (RFC 9110 §13.1.5): whether what the client has part of is still what there is. Only strong validators count; a date is one
 * once its second is over (§8.8.2.2).
 */
export function isRangeCurrent(condition: string | undefined, now: Validators): boolean {
  if (condition === undefined) return true
  const value = condition.trim()
  if (/^(W\/)?"/.test(value)) return value === now.etag && !value.startsWith('W/')
  const date = parseHttpDate(value)
  return (
    date !== undefined &&
    now.lastModified !== undefined &&
    date === wholeSeconds(now.lastModified) &&
    Date.now() - date > 1000
  )
}

/** @returns undefined where there is no valid date to compare with, and the condition is to be ignored. */
function isModifiedSince(header: string | undefined, { lastModified }: Validators): boolean | undefined {
  const since = header === undefined ? undefined : parseHttpDate(header)
  if (since === undefined || lastModified === undefined) return undefined
  return wholeSeconds(lastModified) > since
}

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** The entity tags of a list. Commas may stand within their quotes, and a backslash escapes nothing in them (RFC 9110 §8.8.3). */
export function tagsOf(header: string): string[] {
  return header.match(ENTITY_TAG) ?? []
}

/** Whether a header is a list of entity tags and nothing else. Elements may be empty (RFC 9110 §5.6.1). */
export function isTagList(header: string): boolean {
  return /^[\s,]*$/.test(header.replaceAll(ENTITY_TAG, '')) && tagsOf(header).length > 0
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000
}

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
const HTTP_DATES = [
  new RegExp(String.raw`^\w{3}, (?<d>\d\d) (?<m>${MONTHS}) (?<y>\d{4}) (?<t>\d\d:\d\d:\d\d) GMT$`),
  new RegExp(String.raw`^\w{6,9}, (?<d>\d\d)-(?<m>${MONTHS})-(?<y>\d\d) (?<t>\d\d:\d\d:\d\d) GMT$`),
  new RegExp(String.raw`^\w{3} (?<m>${MONTHS}) (?<d>[ \d]\d) (?<t>\d\d:\d\d:\d\d) (?<y>\d{4})$`),
]

/** The three forms of RFC 9110 §5.6.7; `Date.parse` alone takes far more. @returns milliseconds, or undefined where it is none of them. */
export function parseHttpDate(text: string): number | undefined {
  for (const form of HTTP_DATES) {
    const { d, m, y, t } = form.exec(text.trim())?.groups ?? {}
    if (!d || !m || !y || !t) continue
    const date = Date.parse(`${d.trim()} ${m} ${y.length === 2 ? century(Number(y)) : y} ${t} GMT`)
    return Number.isNaN(date) ? undefined : date
  }
  return undefined
}

/** RFC 9110 §5.6.7: two digits that seem to lie more than 50 years in the future are of the past. */
function century(year: number): number {
  const now = new Date().getUTCFullYear()
  const guess = Math.floor(now / 100) * 100 + year
  return guess > now + 50 ? guess - 100 : guess
}
