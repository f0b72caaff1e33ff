import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from '../base/errors.ts'
import { type ExpectedVersions, UnexpectedVersion } from '../base/expected-versions.ts'
import { parseHttpDate } from '../base/http-date.ts'

/** The validators of the current representation (RFC 9110 §8.8). */
export interface Validators {
  /** An entity tag with its quotes; a weak one begins with `W/`. */
  readonly etag: string
  readonly lastModified?: Date | undefined
}

/**
 * Evaluates the conditions of a GET or HEAD in the order of RFC 9110 §13.2.2, except If-Range.
 * @returns whether to respond with 304. @throws ApiError 412 if If-Match or If-Unmodified-Since is false.
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
 * Makes a change under the request's If-Match and If-None-Match (RFC 9110 §13.1.1, §13.1.2).
 * @param change makes the change. Its argument is the versions that it may replace, or undefined if the request has no condition.
 * @param versionOf converts an entity tag without its quotes to a version.
 * @throws ApiError 412 that names the header, instead of UnexpectedVersion; and all other errors of `change`.
 */
export async function underConditions<T>(
  headers: IncomingHttpHeaders,
  change: (expected: ExpectedVersions | undefined) => Promise<T>,
  versionOf: (tag: string) => string = tag => tag,
): Promise<T> {
  try {
    return await change(expectedVersions(headers, versionOf))
  } catch (error) {
    if (!(error instanceof UnexpectedVersion)) throw error
    const field = headers['if-match'] === undefined ? 'if-none-match' : 'if-match'
    throw new ApiError(error.status, error.code, error.message, field)
  }
}

function expectedVersions(
  { 'if-match': match, 'if-none-match': noneMatch }: IncomingHttpHeaders,
  versionOf: (tag: string) => string,
): ExpectedVersions | undefined {
  if (match === undefined && noneMatch === undefined) return undefined
  const versions = (header: string, tags: readonly string[]) =>
    header.trim() === '*' ? 'any' : tags.map(tag => versionOf(tag.slice(1, -1)))
  return {
    // If-Match compares strongly, so a weak tag matches no version. If-None-Match compares weakly.
    ...(match !== undefined && {
      oneOf: versions(
        match,
        tagsOf(match).filter(tag => !tag.startsWith('W/')),
      ),
    }),
    ...(noneMatch !== undefined && { noneOf: versions(noneMatch, tagsOf(noneMatch).map(withoutWeakness)) }),
  }
}

/** @throws ApiError 400 unless the conditions of a change have the form `If-Match: <tags>` or `If-None-Match: *`. */
export function requireChangeConditions({
  'if-match': match,
  'if-none-match': noneMatch,
}: IncomingHttpHeaders): void {
  if (noneMatch !== undefined && noneMatch.trim() !== '*')
    throw new ApiError(400, 'invalid_request', 'if-none-match must be *.', 'if-none-match')
  if (match !== undefined && match.trim() !== '*' && !isTagList(match))
    throw new ApiError(400, 'invalid_request', 'if-match must be an entity tag such as "3".', 'if-match')
}

/**
 * Evaluates If-Range (RFC 9110 §13.1.5): whether the client's partial content belongs to the current representation. Only strong validators
 * match. A date is strong if it is at least one second old (§8.8.2.2).
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
  return new ApiError(412, 'precondition_failed', 'A precondition of the request is false.')
}

/** Evaluates If-Match (RFC 9110 §13.1.1): `*`, or a list of tags with strong comparison. */
function matchesStrongly(header: string, etag: string): boolean {
  return header.trim() === '*' || (!etag.startsWith('W/') && tagsOf(header).includes(etag))
}

/** Evaluates If-None-Match (RFC 9110 §13.1.2): `*`, or a list of tags with weak comparison. */
function matchesWeakly(header: string, etag: string): boolean {
  return header.trim() === '*' || tagsOf(header).map(withoutWeakness).includes(withoutWeakness(etag))
}

function withoutWeakness(tag: string): string {
  return tag.replace(/^W\//, '')
}

/** @returns undefined if the condition must be ignored, because a date is missing or invalid. */
function isModifiedSince(header: string | undefined, { lastModified }: Validators): boolean | undefined {
  const since = header === undefined ? undefined : parseHttpDate(header)
  if (since === undefined || lastModified === undefined) return undefined
  return wholeSeconds(lastModified) > since
}

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** The entity tags of a list. They can contain commas, and a backslash is not an escape character (RFC 9110 §8.8.3). */
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
