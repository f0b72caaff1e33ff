import { sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'

/** How long an answer is kept. */
export const KEPT_HOURS = 24
/** Keys of one owner that are remembered; and bytes of the answers to them, whatever the quota. */
const MAX_KEYS = 10_000
const MIN_ANSWER_BYTES = 1024 * 1024
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** How long a request is taken to be under way after the last sign of life, in seconds. */
export const REQUEST_LEASE = 30

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Claim =
  /** To be answered now, by making what gets the id `token`. The request that had the key before died as `before`, if there was one. */
  | {
      readonly state: 'new'
      readonly token: string
      readonly before?: string
      readonly fingerprint?: string | null
    }
  | { readonly state: 'under_way' }
  | { readonly state: 'answered'; readonly fingerprint: string | null; readonly answer: Answer }

/**
 * Takes a key, so that of any number of requests with it one is carried out.
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

/** Removes the answers that nobody may ask for any more. */
export async function forgetRequests(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('idempotent_requests')
    .where('created_at', '<', sql<Date>`${now}::timestamptz - ${KEPT_HOURS} * interval '1 hour'`)
    .execute()
}

/** @throws ApiError 429 if an owner has used more keys within a day than are remembered. The key is free again then. */
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

/** A sign of life. */
export async function renewRequest(db: Db, key: string, token: string): Promise<void> {
  await held(db, key, token).set({ lease_until: leaseEnd() }).execute()
}

/** Notes what was asked for; to be called before it is done, so that a later request can be compared with one that died. */
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

/** Gives a key back: the request failed, and may be made again. */
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
  return sql<Date>`now() + ${REQUEST_LEASE} * interval '1 second'`
}
