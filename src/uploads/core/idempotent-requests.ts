import { sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'

/** Keys and responses are kept for this long. */
export const RETENTION_HOURS = 24
/** Limits for each owner. The stored responses may have a tenth of the quota, within these two bounds. */
const MAX_KEYS = 10_000
const MIN_RESPONSE_BYTES = 1024 * 1024
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024
/** A request counts as running for this long after the last renewal of its lease. */
export const REQUEST_LEASE_S = 30
/** A lease with this end was ended by a later request, and cannot be renewed. */
const ENDED = sql<Date>`'-infinity'::timestamptz`

export interface StoredResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Claim =
  | { readonly state: 'new'; readonly key: ClaimedKey }
  | { readonly state: 'under_way' }
  /**
   * The request with this key failed, or its process died. Its lease has ended, so that it no longer creates the resource `token`, which may
   * exist or be incomplete. `fingerprint` is the hash of that request, if the process had read it.
   */
  | { readonly state: 'abandoned'; readonly token: string; readonly fingerprint: string | null }
  | { readonly state: 'completed'; readonly fingerprint: string | null; readonly response: StoredResponse }

/**
 * Claims a key. If several requests have the same key, only one of them is executed.
 * @param quota the owner's quota in bytes. @throws ApiError 429 if the owner has used too many keys.
 */
export async function claimRequest(
  db: Db,
  key: string,
  { owner = null, quota }: { owner?: string | null; quota?: number | undefined } = {},
): Promise<Claim> {
  const token = uuid()
  const inserted = await db
    .insertInto('idempotent_requests')
    .values({ key, token, lease_until: leaseEnd(), owner })
    .onConflict(conflict => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) {
    if (owner !== null) await requireFewKeys(db, owner, key, quota)
    return { state: 'new', key: new ClaimedKey(db, key, token) }
  }
  // A statement that changes the row: it waits for a transaction that creates the resource, and `requireHeld` notices it.
  const abandoned = await db
    .updateTable('idempotent_requests')
    .set({ lease_until: ENDED })
    .where('key', '=', key)
    .where('status', 'is', null)
    .where('lease_until', '<', sql<Date>`now()`)
    .returning(['token', 'fingerprint'])
    .executeTakeFirst()
  if (abandoned) return { state: 'abandoned', ...abandoned }
  const row = await db
    .selectFrom('idempotent_requests')
    .select(['fingerprint', 'status', 'headers', 'body'])
    .where('key', '=', key)
    .executeTakeFirst()
  if (!row) return claimRequest(db, key, { owner, quota })
  const { status, headers, body, fingerprint } = row
  if (status === null || !headers || body === null) return { state: 'under_way' }
  return { state: 'completed', fingerprint, response: { status, headers, body: JSON.parse(body) } }
}

/**
 * Claims the key of an abandoned request, whose resource does not exist or was removed by the caller.
 * @param before the token of that request. @returns undefined if another request has claimed the key meanwhile.
 */
export async function reclaimRequest(db: Db, key: string, before: string): Promise<ClaimedKey | undefined> {
  const token = uuid()
  const { numUpdatedRows } = await db
    .updateTable('idempotent_requests')
    .set({ token, lease_until: leaseEnd(), fingerprint: null })
    .where('key', '=', key)
    .where('token', '=', before)
    .where('status', 'is', null)
    .where('lease_until', '=', ENDED)
    .executeTakeFirst()
  return numUpdatedRows > 0n ? new ClaimedKey(db, key, token) : undefined
}

/** A key that a request has claimed. The resource that the request creates gets the id `token`. */
export class ClaimedKey {
  readonly token: string
  readonly #db: Db
  readonly #key: string

  constructor(db: Db, key: string, token: string) {
    this.#db = db
    this.#key = key
    this.token = token
  }

  /**
   * Call it in the transaction that creates the resource: a process that was frozen since it claimed the key creates nothing once another request
   * has ended its lease. @throws ApiError 409
   */
  async requireHeld(trx: Db): Promise<void> {
    const row = await trx
      .selectFrom('idempotent_requests')
      .select('key')
      .where('key', '=', this.#key)
      .where('token', '=', this.token)
      .where('lease_until', '>', ENDED)
      .forShare()
      .executeTakeFirst()
    if (!row) throw requestUnderWay()
  }

  /** Renews the lease while the request is running. */
  async renew(): Promise<void> {
    await this.#update().set({ lease_until: leaseEnd() }).execute()
  }

  /**
   * Saves the hash of the request before its resource is complete: if this process dies, a repeated request is compared with it.
   * @throws ApiError 409 if another request has ended the lease.
   */
  async saveFingerprint(fingerprint: string): Promise<void> {
    const { numUpdatedRows } = await this.#update().set({ fingerprint }).executeTakeFirst()
    if (numUpdatedRows === 0n) throw requestUnderWay()
  }

  /** Saves the response: the same request with the same key gets it again. */
  async saveResponse(fingerprint: string, response: StoredResponse): Promise<void> {
    await saveResponse(this.#db, this.#key, this.token, fingerprint, response)
  }

  /** Ends the lease after the request failed, so that the client can repeat it. The next request looks first at what this one has created. */
  async release(): Promise<void> {
    await this.#update().where('status', 'is', null).set({ lease_until: ENDED }).execute()
  }

  #update() {
    return this.#db
      .updateTable('idempotent_requests')
      .where('key', '=', this.#key)
      .where('token', '=', this.token)
      .where('lease_until', '>', ENDED)
  }
}

export function requestUnderWay(): ApiError {
  return new ApiError(
    409,
    'request_under_way',
    'A request with this Idempotency-Key is still running. Try again later.',
    'idempotency-key',
  )
}

/** Deletes keys and responses older than `RETENTION_HOURS`. */
export async function forgetRequests(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('idempotent_requests')
    .where('created_at', '<', sql<Date>`${now}::timestamptz - ${RETENTION_HOURS} * interval '1 hour'`)
    .execute()
}

/** Checks the owner's limits after a key was claimed. @throws ApiError 429 if they are exceeded; then the key is released. */
export async function requireFewKeys(
  db: Db,
  owner: string,
  key: string,
  quota = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { count, bytes } = await db
    .selectFrom('idempotent_requests')
    .select([
      sql<number>`count(*)::int`.as('count'),
      sql<number>`coalesce(sum(octet_length(body)), 0)::bigint`.as('bytes'),
    ])
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow()
  const maxBytes = Math.min(MAX_RESPONSE_BYTES, Math.max(MIN_RESPONSE_BYTES, quota / 10))
  if (count <= MAX_KEYS && bytes <= maxBytes) return
  await db.deleteFrom('idempotent_requests').where('key', '=', key).execute()
  throw new ApiError(
    429,
    'too_many_keys',
    `You have used too many values of Idempotency-Key within ${RETENTION_HOURS} hours. Send the request without one, or later.`,
    'idempotency-key',
  )
}

/** Saves the response for the resource `token`: the same request with the same key gets it again. */
export async function saveResponse(
  db: Db,
  key: string,
  token: string,
  fingerprint: string,
  { status, headers, body }: StoredResponse,
): Promise<void> {
  await db
    .updateTable('idempotent_requests')
    .set({ fingerprint, status, headers: JSON.stringify(headers), body: JSON.stringify(body) })
    .where('key', '=', key)
    .where('token', '=', token)
    .execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${REQUEST_LEASE_S} * interval '1 second'`
}
