import type { FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'
import type { Precondition } from '../videos/transcripts/transcript-edits.ts'
import { isTagList, tagsOf } from './preconditions.ts'

/** The entity tag of a revision: its number, because a revision never changes. */
export function entityTag(revision: number): string {
  return `"${revision}"`
}

/**
 * What a client demands of the revision that it replaces (RFC 9110 §13.1.1, §13.1.2): `If-Match` names it, and `If-None-Match: *` says
 * that there is none yet. @throws ApiError 400 where the header is none of these.
 */
export function preconditionOf({ headers }: FastifyRequest): Precondition {
  const match = headers['if-match']?.trim()
  const none = headers['if-none-match']?.trim()
  if (none !== undefined && none !== '*')
    throw new ApiError(400, 'invalid_request', 'if-none-match can only be * here.', 'if-none-match')
  if (match !== undefined && match !== '*' && !isTagList(match))
    throw new ApiError(400, 'invalid_request', 'if-match has to be an entity tag such as "3".', 'if-match')
  return current => {
    if (none === '*' && current !== undefined) return false
    if (match === undefined) return true
    // Strong comparison: a weak tag matches nothing.
    return current !== undefined && (match === '*' || tagsOf(match).includes(entityTag(current)))
  }
}
