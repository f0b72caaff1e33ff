import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { sha256Hex } from '../../base/hash.ts'
import { idempotencyKeyOf } from '../../base/idempotency-key.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { type Limits, requireAllowance } from './allowance.ts'
import type { Concat } from './concatenation.ts'
import { KEPT_HOURS, requireFewKeys } from './idempotent-requests.ts'
import type { UploadMetadata } from './metadata.ts'
import { inTurn } from './owner-turns.ts'
import type { Uploader } from './upload-context.ts'
import { useUploadLink } from './upload-links.ts'
import { insertUpload, type NewUpload, type UploadProtocol, type UploadRow } from './upload-rows.ts'

/** A repeated creation waits this long for the first one, and checks this often. */
const PATIENCE_MS = 5000
const INTERVAL_MS = 50

/** The Idempotency-Key of a request that creates an upload. */
export interface Once {
  /** Unique for each owner, or link. */
  readonly key: string
  /** Hash of the upload's metadata and length. Its bytes are compared with those that are stored. */
  readonly fingerprint: string
}

/** An upload that is to be created. */
export interface Creation {
  readonly id: string
  /** Bytes; null if the client declares them later. */
  readonly length: number | null
  readonly metadata: UploadMetadata
  readonly uploader: Uploader
  readonly concat?: Concat | undefined
  /** Which protocol creates it; tus if it is absent. */
  readonly protocol?: UploadProtocol
  /** Bytes that it adds in its owner's quota, as far as they are known. */
  readonly bytes?: number
  readonly once?: Once | undefined
  /** Called in the transaction that creates it. */
  readonly claim?: ((trx: Db) => Promise<void>) | undefined
}

/** Thrown instead of creating a second upload: the request repeats the one that created `id`. */
export class RepeatedCreation extends Error {
  readonly id: string
  readonly by: 'key' | 'link'

  constructor(id: string, by: 'key' | 'link') {
    super('the creation is repeated')
    this.id = id
    this.by = by
  }
}

/** @returns undefined if the request has no Idempotency-Key. @throws ApiError 400 */
export function onceOf(
  headers: IncomingHttpHeaders,
  { owner, link }: Pick<Uploader, 'owner' | 'link'>,
  {
    metadata,
    ...declared
  }: { readonly metadata: object; readonly length: number | undefined; readonly concat?: unknown },
): Once | undefined {
  const key = idempotencyKeyOf(headers)
  if (key === undefined) return undefined
  const labels = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    key: JSON.stringify(['POST /uploads', owner, link?.id ?? null, key]),
    fingerprint: sha256Hex(JSON.stringify([labels, declared])),
  }
}

export interface CreationOptions {
  /** Called in the transaction, after the row is inserted. */
  readonly claim?: ((trx: Db) => Promise<void>) | undefined
  readonly uploader: Uploader
  readonly once: Once | undefined
  /** Bytes that the upload adds to its owner's total, if they are known. */
  readonly bytes: number
  readonly limits: Limits
  /** Seconds. */
  readonly expiry: number
}

/**
 * Inserts an upload's row, its key and the use of its link in one transaction, so that a crash leaves none of them alone.
 * @throws RepeatedCreation; ApiError 403 if the link has been used, 413 or 429 if the owner has reached a limit, 422 if the key was used for
 * another upload.
 */
export async function enterUpload(
  db: Kysely<Schema>,
  upload: NewUpload,
  { uploader, once, bytes, limits, expiry, claim }: CreationOptions,
): Promise<UploadRow> {
  const { owner, link } = uploader
  if (owner === null && !link && !once && !claim) return insertUpload(db, upload, expiry)
  return inTurn(db, owner, async trx => {
    if (once) await claimKey(trx, once, upload.id, owner)
    if (link) {
      const before = await useUploadLink(trx, link.id, upload.id)
      if (before !== undefined) throw new RepeatedCreation(before, 'link')
    }
    if (owner !== null) await requireAllowance(trx, owner, bytes, limits)
    const row = await insertUpload(trx, upload, expiry)
    await claim?.(trx)
    return row
  })
}

/** Of several requests with one key at once, one gets it. The others wait for its transaction. */
async function claimKey(
  trx: Db,
  { key, fingerprint }: Once,
  id: string,
  owner: string | null,
): Promise<void> {
  await trx
    .deleteFrom('idempotent_requests')
    .where('key', '=', key)
    .where('created_at', '<', sql<Date>`now() - ${KEPT_HOURS} * interval '1 hour'`)
    .execute()
  const inserted = await trx
    .insertInto('idempotent_requests')
    .values({
      key,
      fingerprint,
      owner,
      token: id,
      lease_until: sql<Date>`now()`,
      status: 201,
      headers: '{}',
      body: 'null',
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) {
    if (owner !== null) await requireFewKeys(trx, owner, key)
    return
  }
  const before = await trx
    .selectFrom('idempotent_requests')
    .select(['token', 'fingerprint'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (before.fingerprint !== fingerprint) throw keyReused()
  throw new RepeatedCreation(before.token, 'key')
}

/** Forgets the key of an upload that could not be created after all. */
export async function forgetCreation(db: Db, id: string): Promise<void> {
  await db.deleteFrom('idempotent_requests').where('token', '=', id).execute()
}

/** Waits until the request that created an upload is over, or its client is gone. @throws ApiError 409 */
export async function awaitFirst(locks: UploadLocks, id: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (await locks.isBusy(id)) {
    if (performance.now() > deadline)
      throw new ApiError(
        409,
        'request_under_way',
        'The first of these requests is still running: try again later.',
      )
    await pause(INTERVAL_MS)
  }
}

export function keyReused(): ApiError {
  return new ApiError(
    422,
    'idempotency_key_reused',
    'The Idempotency-Key was used for another request.',
    'idempotency-key',
  )
}
