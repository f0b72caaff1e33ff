import { sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'

/** A response is kept for this long. */
export const KEPT_HOURS = 24
/** Limits for one owner: the number of keys, and the bytes of the responses, whatever the quota. */
const MAX_KEYS = 10_000
const MIN_ANSWER_BYTES = 1024 * 1024
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** A request counts as running for this long after its lease was renewed. */
export const REQUEST_LEASE_S = 30

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Claim =
  /** To be carried out now; the resource that it creates gets the id `token`. `before` is the token of a request that died with this key. */
  | {
      readonly state: 'new'
      readonly token: string
      readonly before?: string
      readonly fingerprint?: string | null
    }
  | { readonly state: 'under_way' }
  | { readonly state: 'answered'; readonly fingerprint: string | null; readonly answer: Answer }

/**
 * Claims a key, so that only one of several requests with it is carried out.
 * @param quota of its owner, in bytes. @throws ApiError 429 if the owner has used too many keys.
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
    return { state: 'answered', fingerprint, answer: { status, headers, body: JSON.parse(body) } }
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

/** Deletes responses that are too old to be repeated. */
export async function forgetRequests(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('idempotent_requests')
    .where('created_at', '<', sql<Date>`${now}::timestamptz - ${KEPT_HOURS} * interval '1 hour'`)
    .execute()
}

/** @throws ApiError 429 if an owner has used too many keys. The key can be used again then. */
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
  const most = Math.min(MAX_ANSWER_BYTES, Math.max(MIN_ANSWER_BYTES, quota / 10))
  if (count <= MAX_KEYS && bytes <= most) return
  await db.deleteFrom('idempotent_requests').where('key', '=', key).execute()
  throw new ApiError(
    429,
    'too_many_keys',
    `Too many values of Idempotency-Key have been used within ${KEPT_HOURS} hours: send the request without one, or later.`,
    'idempotency-key',
  )
}

/** Renews the lease of a request that is still running. */
export async function renewRequest(db: Db, key: string, token: string): Promise<void> {
  await held(db, key, token).set({ lease_until: leaseEnd() }).execute()
}

/** Saves the fingerprint of a request before it is carried out, so that a later one can be compared with it if this one dies. */
export async function noteFingerprint(
  db: Db,
  key: string,
  token: string,
  fingerprint: string,
): Promise<void> {
  await held(db, key, token).set({ fingerprint }).execute()
}

export async function keepAnswer(
  db: Db,
  key: string,
  token: string,
  fingerprint: string,
  { status, headers, body }: Answer,
): Promise<void> {
  await held(db, key, token)
    .set({ fingerprint, status, headers: JSON.stringify(headers), body: JSON.stringify(body) })
    .execute()
}

/** Releases a key after its request failed: the request may be repeated. */
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
