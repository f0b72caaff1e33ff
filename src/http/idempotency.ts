import type { FastifyReply, FastifyRequest } from 'fastify'
import { idempotencyKeyOf } from '../base/idempotency-key.ts'
import type { Db } from '../database/schema.ts'
import type { Limits } from '../uploads/core/allowance.ts'
import { keyReused } from '../uploads/core/creation.ts'
import {
  type ClaimedKey,
  claimRequest,
  REQUEST_LEASE_S,
  reclaimRequest,
  requestUnderWay,
  type StoredResponse,
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
  /**
   * Creates the resource with the id `key.token`. Calls `key.requireHeld` in the transaction that inserts it, and `key.saveFingerprint` with the
   * hash of the request's content before the resource is complete.
   */
  create(key: ClaimedKey): Promise<{ readonly fingerprint: string; readonly response: StoredResponse }>
  /** The response for the resource with this id, which an abandoned request has created. Removes an incomplete one; then undefined, as if there is none. */
  recover(id: string): Promise<StoredResponse | undefined>
}

/** A response that a request gets instead of being executed. */
interface Replay {
  /** Hash of the first request. */
  readonly fingerprint: string | null
  readonly response: StoredResponse
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
  limits: Limits,
): Promise<StoredResponse> {
  const { owner } = request.access
  const name = JSON.stringify([scope, owner, idempotencyKeyOf(request.headers)])
  const claimed = await claimOrReplay(db, name, work, { owner, quota: limits.quota })
  if (!claimed) {
    // Read the rest of the body. If the connection were closed now, the client would not get the response.
    request.raw.resume()
    reply.header('retry-after', 1)
    throw requestUnderWay()
  }
  if ('response' in claimed) {
    if ((await work.fingerprint()) !== claimed.fingerprint) throw keyReused()
    reply.header('idempotency-replayed', 'true')
    return claimed.response
  }
  return execute(claimed, work, request)
}

/** @returns undefined while another request with this key is running. */
async function claimOrReplay(
  db: Db,
  name: string,
  work: IdempotentWork,
  options: { readonly owner: string | null; readonly quota: number | undefined },
): Promise<ClaimedKey | Replay | undefined> {
  const claim = await claimRequest(db, name, options)
  switch (claim.state) {
    case 'new':
      return claim.key
    case 'under_way':
      return undefined
    case 'completed':
      return claim
    case 'abandoned': {
      const { token, fingerprint } = claim
      const response = await work.recover(token)
      if (!response) return reclaimRequest(db, name, token)
      if (fingerprint !== null) await saveResponse(db, name, token, fingerprint, response)
      return { fingerprint, response }
    }
  }
}

async function execute(
  key: ClaimedKey,
  work: IdempotentWork,
  { log }: Pick<FastifyRequest, 'log'>,
): Promise<StoredResponse> {
  const renewal = setInterval(
    () => {
      key.renew().catch(err => log.warn({ err }, 'the lease of an Idempotency-Key could not be renewed'))
    },
    (REQUEST_LEASE_S / 3) * 1000,
  )
  try {
    const { fingerprint, response } = await work.create(key)
    await key.saveResponse(fingerprint, response)
    return response
  } catch (error) {
    // If the database fails here too, the lease ends by itself.
    await key.release().catch(() => {})
    throw error
  } finally {
    clearInterval(renewal)
  }
}
