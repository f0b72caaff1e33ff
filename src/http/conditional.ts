import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from '../base/errors.ts'
import { parseHttpDate } from '../base/http-date.ts'

/** The current state of a resource, for conditions to be compared with. */
export interface Validators {
  /** An entity tag with its quotes; a weak one begins with `W/`. */
  readonly etag: string
  readonly lastModified?: Date | undefined
}

/** Whether a change may replace the version that a resource has now; undefined stands for a resource that does not exist. */
export type ExpectedVersions = (version: string | undefined) => boolean

/**
 * Evaluates the conditions of a GET or HEAD in the order of RFC 9110 §13.2.2, except If-Range.
 * @returns whether the answer is 304. @throws ApiError 412 if If-Match or If-Unmodified-Since does not hold.
 */
export function isNotModified(headers: IncomingHttpHeaders, now: Validators): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  const holds =
    match !== undefined
      ? matchesStrongly(match, now.etag)
      : isModifiedSince(headers['if-unmodified-since'], now) !== true
  if (!holds) throw preconditionFailed()
  if (noneMatch !== undefined) return matchesWeakly(noneMatch, now.etag)
  return isModifiedSince(headers['if-modified-since'], now) === false
}

/**
 * The conditions of a change, If-Match and If-None-Match (RFC 9110 §13.1.1, §13.1.2), in terms of versions.
 * @param versionOf the version that an entity tag without its quotes names. @returns undefined if there is no condition.
 */
export function expectedVersions(
  headers: IncomingHttpHeaders,
  versionOf: (tag: string) => string = tag => tag,
): ExpectedVersions | undefined {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match === undefined && noneMatch === undefined) return undefined
  const names = (header: string, version: string, tags: readonly string[]) =>
    header.trim() === '*' || tags.some(tag => versionOf(tag.slice(1, -1)) === version)
  return version => {
    if (version === undefined) return match === undefined
    const isMatch =
      match === undefined ||
      names(
        match,
        version,
        tagsOf(match).filter(tag => !tag.startsWith('W/')),
      )
    return (
      isMatch &&
      (noneMatch === undefined || !names(noneMatch, version, tagsOf(noneMatch).map(withoutWeakness)))
    )
  }
}

/** @throws ApiError 400 if the conditions of a change are not of the form `If-Match: <tags>` or `If-None-Match: *`. */
export function requireChangeConditions({
  'if-match': match,
  'if-none-match': noneMatch,
}: IncomingHttpHeaders): void {
  if (noneMatch !== undefined && noneMatch.trim() !== '*')
    throw new ApiError(400, 'invalid_request', 'if-none-match can only be * here.', 'if-none-match')
  if (match !== undefined && match.trim() !== '*' && !isTagList(match))
    throw new ApiError(400, 'invalid_request', 'if-match must be an entity tag such as "3".', 'if-match')
}

/**
 * If-Range (RFC 9110 §13.1.5): whether the content that the client has a part of is the current content. Only strong validators count; a
 * date is strong if it is at least one second old (§8.8.2.2).
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

/** RFC 9110 §15.5.13. */
export function preconditionFailed(): ApiError {
  return new ApiError(412, 'precondition_failed', 'A condition of the request does not hold (any more).')
}

/** If-Match (RFC 9110 §13.1.1): `*`, or a tag of the list by strong comparison. */
function matchesStrongly(header: string, etag: string): boolean {
  return header.trim() === '*' || (!etag.startsWith('W/') && tagsOf(header).includes(etag))
}

/** If-None-Match (RFC 9110 §13.1.2): `*`, or a tag of the list by weak comparison. */
function matchesWeakly(header: string, etag: string): boolean {
  return header.trim() === '*' || tagsOf(header).map(withoutWeakness).includes(withoutWeakness(etag))
}

function withoutWeakness(tag: string): string {
  return tag.replace(/^W\//, '')
}

/** @returns undefined if there is no valid date to compare with: the condition is ignored then. */
function isModifiedSince(header: string | undefined, { lastModified }: Validators): boolean | undefined {
  const since = header === undefined ? undefined : parseHttpDate(header)
  if (since === undefined || lastModified === undefined) return undefined
  return wholeSeconds(lastModified) > since
}

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** The entity tags of a list. Their quotes may contain commas; a backslash escapes nothing in them (RFC 9110 §8.8.3). */
function tagsOf(header: string): string[] {
  return header.match(ENTITY_TAG) ?? []
}

/** Whether a header is a list of entity tags and nothing else. Elements may be empty (RFC 9110 §5.6.1). */
function isTagList(header: string): boolean {
  return /^[\s,]*$/.test(header.replaceAll(ENTITY_TAG, '')) && tagsOf(header).length > 0
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000
}
