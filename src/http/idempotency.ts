import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { idempotencyKeyOf } from '../base/idempotency-key.ts'
import type { Db } from '../database/schema.ts'
import type { Limits } from '../uploads/core/allowance.ts'
import { keyReused } from '../uploads/core/creation.ts'
import {
  claimRequest,
  REQUEST_LEASE_S,
  releaseRequest,
  renewRequest,
  type StoredResponse,
  saveFingerprint,
  saveResponse,
} from '../uploads/core/idempotent-requests.ts'

export const idempotencyHeader = {
  'idempotency-key': {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description:
      'A unique value that the client chooses for this request, such as a UUID. If the client repeats the request within a day, it gets the same response, and nothing is created twice.',
  },
} as const

/** The parts of a request that creates a resource, as `runOnce` needs them. */
export interface IdempotentWork {
  /** Reads the request without executing it. @returns a hash of its content. */
  fingerprint(): Promise<string>
  /** Creates the resource with this id. Calls `saveHash` with the hash of the request's content before it commits. */
  create(id: string, saveHash: (fingerprint: string) => Promise<void>): Promise<StoredResponse>
  /** The response for the resource with this id; undefined if the resource does not exist. */
  findCreated(id: string): Promise<StoredResponse | undefined>
}

/**
 * Executes a request with an Idempotency-Key once (draft-ietf-httpapi-idempotency-key-header). The same request gets the same response for
 * a day. Errors are not saved, so a failed request can be repeated.
 * @param scope the route. Keys are unique per scope and owner.
 * @throws ApiError 400 if the key is malformed, 409 while the first request is running, 422 if the key was used for another request, 429 if
 * the owner has used too many keys.
 */
export async function runOnce(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  scope: string,
  work: IdempotentWork,
  { quota }: Limits,
): Promise<StoredResponse> {
  const key = JSON.stringify([scope, request.access.owner, idempotencyKeyOf(request.headers)])
  const claim = await claimRequest(db, key, { owner: request.access.owner, quota })
  if (claim.state === 'under_way') {
    // Read the rest of the body. If the connection were closed now, the client would not get the response.
    request.raw.resume()
    reply.header('retry-after', 1)
    throw new ApiError(
      409,
      'request_under_way',
      'A request with this Idempotency-Key is still running. Try again later.',
      'idempotency-key',
    )
  }
  if (claim.state === 'completed') {
    await requireSame(work, claim.fingerprint)
    reply.header('idempotency-replayed', 'true')
    return claim.response
  }
  const { token, before } = claim
  const renewal = setInterval(
    () => {
      renewRequest(db, key, token).catch(err =>
        request.log.warn({ err }, 'the lease of an Idempotency-Key could not be renewed'),
      )
    },
    (REQUEST_LEASE_S / 3) * 1000,
  )
  try {
    const existing = before === undefined ? undefined : await work.findCreated(before)
    if (existing) {
      await requireSame(work, claim.fingerprint ?? null)
      await saveResponse(db, key, token, claim.fingerprint!, existing)
      reply.header('idempotency-replayed', 'true')
      return existing
    }
    let fingerprint = ''
    const response = await work.create(token, async value => {
      fingerprint = value
      await saveFingerprint(db, key, token, value)
    })
    await saveResponse(db, key, token, fingerprint, response)
    return response
  } catch (error) {
    // If the resource was created, the key is kept, so that a repeated request finds the resource by its id.
    if (!(await work.findCreated(token).catch(() => true))) await releaseRequest(db, key, token)
    throw error
  } finally {
    clearInterval(renewal)
  }
}

async function requireSame(work: IdempotentWork, fingerprint: string | null): Promise<void> {
  if ((await work.fingerprint()) !== fingerprint) throw keyReused()
}
