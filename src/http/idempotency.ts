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
      'A name that the client makes up for this request, such as a UUID. Sent again within a day with the same content it gets the same answer, and nothing is made twice.',
  },
} as const

/** A request that makes something, in the parts that it takes to do it once. */
export interface OnceWork {
  /** Reads the request, and does nothing. @returns a hash of what it asks for. */
  fingerprint(): Promise<string>
  /** Makes the thing with this id, and calls `note` with the hash of what is asked for before it is committed. */
  make(id: string, note: (fingerprint: string) => Promise<void>): Promise<Answer>
  /** The answer for what was made with this id; undefined where it was not. */
  made(id: string): Promise<Answer | undefined>
}

/**
 * Answers a request with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same request gets the same answer for a
 * day. Errors are not kept: what failed may be tried again.
 * @param scope the route that the key is unique within; it is besides for each owner.
 * @throws ApiError 400 where the key is none, 409 while the first is under way, 422 where it was another request, 429 if its owner has used
 * too many keys.
 */
export async function answerOnce(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  scope: string,
  work: OnceWork,
  { quota }: Limits,
): Promise<Answer> {
  // Who else takes the same key means another thing.
  const key = JSON.stringify([scope, request.access.owner, idempotencyKeyOf(request.headers)])
  const claim = await claimRequest(db, key, { owner: request.access.owner, quota })
  if (claim.state === 'under_way') {
    // What is still to come goes nowhere: closing the connection on it would lose the answer.
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
      renewRequest(db, key, token).catch(err => request.log.warn({ err }, 'an Idempotency-Key is not held'))
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
    // Once it is made the key stays, for whoever asks again to find it by its id.
    if (!(await work.made(token).catch(() => true))) await releaseRequest(db, key, token)
    throw error
  } finally {
    clearInterval(alive)
  }
}

async function requireSame(work: OnceWork, fingerprint: string | null): Promise<void> {
  if ((await work.fingerprint()) !== fingerprint) throw keyReused()
}
