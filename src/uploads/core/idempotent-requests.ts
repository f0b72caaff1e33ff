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

export interface StoredResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Claim =
  /**
   * The caller executes the request. The resource that it creates gets the id `token`. `before` is the token of an earlier request with
   * this key whose process died, and `fingerprint` the hash of that request.
   */
  | {
      readonly state: 'new'
      readonly token: string
      readonly before?: string
      readonly fingerprint?: string | null
    }
  | { readonly state: 'under_way' }
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
  const lease_until = leaseEnd()
  const inserted = await db
    .insertInto('idempotent_requests')
    .values({ key, token, lease_until, owner })
    .onConflict(conflict => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) {
    if (owner !== null) await requireFewKeys(db, owner, key, quota)
    return { state: 'new', token }
  }
  const row = await db
    .selectFrom('idempotent_requests')
    .selectAll()
    .select(sql<boolean>`lease_until < now()`.as('dead'))
    .where('key', '=', key)
    .executeTakeFirst()
  if (!row) return claimRequest(db, key, { owner, quota })
  const { status, headers, body, fingerprint } = row
  if (status !== null && headers && body !== null)
    return { state: 'completed', fingerprint, response: { status, headers, body: JSON.parse(body) } }
  if (!row.dead) return { state: 'under_way' }
  const taken = await db
    .updateTable('idempotent_requests')
    .set({ token, lease_until })
    .where('key', '=', key)
    .where('token', '=', row.token)
    .where('status', 'is', null)
    .returning('key')
    .executeTakeFirst()
  return taken ? { state: 'new', token, before: row.token, fingerprint } : { state: 'under_way' }
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

/** Renews the lease of a request that is still running. */
export async function renewRequest(db: Db, key: string, token: string): Promise<void> {
  await held(db, key, token).set({ lease_until: leaseEnd() }).execute()
}

/** Saves the hash of a request before it is executed: if this process dies, a repeated request is compared with it. */
export async function saveFingerprint(
  db: Db,
  key: string,
  token: string,
  fingerprint: string,
): Promise<void> {
  await held(db, key, token).set({ fingerprint }).execute()
}

/** Saves the response to a request: the same request with the same key gets it again. */
export async function saveResponse(
  db: Db,
  key: string,
  token: string,
  fingerprint: string,
  { status, headers, body }: StoredResponse,
): Promise<void> {
  await held(db, key, token)
    .set({ fingerprint, status, headers: JSON.stringify(headers), body: JSON.stringify(body) })
    .execute()
}

/** Releases a key after its request failed, so that the client can repeat the request. */
export async function releaseRequest(db: Db, key: string, token: string): Promise<void> {
  await db
    .deleteFrom('idempotent_requests')
    .where('key', '=', key)
    .where('token', '=', token)
    .where('status', 'is', null)
    .execute()
}

function held(db: Db, key: string, token: string) {
  return db.updateTable('idempotent_requests').where('key', '=', key).where('token', '=', token)
}

function leaseEnd() {
  return sql<Date>`now() + ${REQUEST_LEASE_S} * interval '1 second'`
}
