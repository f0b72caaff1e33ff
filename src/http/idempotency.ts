import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { idempotencyKeyOf } from '../base/idempotency-key.ts'
import type { Db } from '../database/schema.ts'
import type { Limits } from '../uploads/core/allowance.ts'
import { keyReused } from '../uploads/core/creation.ts'
import {
  type Answer,
  claimRequest,
  keepAnswer,
  noteFingerprint,
  REQUEST_LEASE_S,
  releaseRequest,
  renewRequest,
} from '../uploads/core/idempotent-requests.ts'

export const idempotencyHeader = {
  'idempotency-key': {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description:
      'A name that the client chooses for this request, such as a UUID. If the same request is repeated within a day, it gets the same response, and nothing is created twice.',
  },
} as const

/** A request that creates something, in the parts that are needed to run it once. */
export interface OnceWork {
  /** Reads the request without carrying it out. @returns a hash of its content. */
  fingerprint(): Promise<string>
  /** Creates the resource with this id. Calls `note` with the hash of the request's content before it commits. */
  make(id: string, note: (fingerprint: string) => Promise<void>): Promise<Answer>
  /** The response for the resource with this id; undefined if it was not created. */
  made(id: string): Promise<Answer | undefined>
}

/**
 * Answers a request with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same request gets the same response for a day.
 * Errors are not kept, so a failed request can be repeated.
 * @param scope the route. Keys are unique per scope and owner.
 * @throws ApiError 400 if the key is malformed, 409 while the first request is running, 422 if the key was used for another request, 429 if
 * its owner has used too many keys.
 */
export async function answerOnce(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  scope: string,
  work: OnceWork,
  { quota }: Limits,
): Promise<Answer> {
  const key = JSON.stringify([scope, request.access.owner, idempotencyKeyOf(request.headers)])
  const claim = await claimRequest(db, key, { owner: request.access.owner, quota })
  if (claim.state === 'under_way') {
    // The rest of the body is discarded: if the connection were closed instead, the response would be lost.
    request.raw.resume()
    reply.header('retry-after', 1)
    throw new ApiError(
      409,
      'request_under_way',
      'A request with this Idempotency-Key is being carried out: ask again later.',
      'idempotency-key',
    )
  }
  if (claim.state === 'answered') {
    await requireSame(work, claim.fingerprint)
    reply.header('idempotency-replayed', 'true')
    return claim.answer
  }
  const { token, before } = claim
  const alive = setInterval(
    () => {
      renewRequest(db, key, token).catch(err =>
        request.log.warn({ err }, 'the lease of an Idempotency-Key was not renewed'),
      )
    },
    (REQUEST_LEASE_S / 3) * 1000,
  )
  try {
    const made = before === undefined ? undefined : await work.made(before)
    if (made) {
      await requireSame(work, claim.fingerprint ?? null)
      await keepAnswer(db, key, token, claim.fingerprint!, made)
      reply.header('idempotency-replayed', 'true')
      return made
    }
    let fingerprint = ''
    const answer = await work.make(token, async value => {
      fingerprint = value
      await noteFingerprint(db, key, token, value)
    })
    await keepAnswer(db, key, token, fingerprint, answer)
    return answer
  } catch (error) {
    // If the resource was created, the key is kept, so that a repeated request finds the resource by its id.
    if (!(await work.made(token).catch(() => true))) await releaseRequest(db, key, token)
    throw error
  } finally {
    clearInterval(alive)
  }
}

async function requireSame(work: OnceWork, fingerprint: string | null): Promise<void> {
  if ((await work.fingerprint()) !== fingerprint) throw keyReused()
}
