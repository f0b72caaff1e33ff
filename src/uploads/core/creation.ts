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
import { RETENTION_HOURS, requireFewKeys } from './idempotent-requests.ts'
import type { UploadMetadata } from './metadata.ts'
import { insertUpload, type NewUpload } from './new-upload.ts'
import { inTurn } from './owner-turns.ts'
import type { Uploader } from './upload-context.ts'
import { useUploadLink } from './upload-links.ts'
import type { UploadProtocol, UploadRow } from './upload-rows.ts'

/** A repeated creation waits at most this long until the first one has ended. */
const MAX_WAIT_MS = 5000
const CHECK_INTERVAL_MS = 50

/** The Idempotency-Key of a request that creates an upload. */
export interface Once {
  /** The header's value together with the owner and the link, because keys of different owners may be equal. */
  readonly key: string
  /** Hash of the upload's metadata and length. The body is not part of it: its bytes are compared with the stored bytes. */
  readonly fingerprint: string
}

/** An upload to be created. */
export interface Creation {
  readonly id: string
  /** Bytes; null if the client declares them later. */
  readonly length: number | null
  readonly metadata: UploadMetadata
  readonly uploader: Uploader
  readonly concat?: Concat | undefined
  /** The protocol of the request that creates it; tus by default. */
  readonly protocol?: UploadProtocol
  /** Bytes that it adds in its owner's quota; absent if they are unknown. */
  readonly bytes?: number
  readonly once?: Once | undefined
  /** Called in the transaction that creates the upload. */
  readonly claim?: ((trx: Db) => Promise<void>) | undefined
}

/** Thrown instead of creating a second upload: the request repeats the request that created the upload `id`. */
export class RepeatedCreation extends Error {
  readonly id: string
  readonly by: 'key' | 'link'

  constructor(id: string, by: 'key' | 'link') {
    super('the upload was already created')
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
  /** Bytes that the upload adds in its owner's quota; 0 if they are unknown. */
  readonly bytes: number
  readonly limits: Limits
  /** An unfinished upload may be removed this many seconds after its last byte. */
  readonly expiry: number
}

/**
 * Inserts an upload's row, records its key and marks its link as used, in one transaction: a crash leaves all of it or nothing.
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

/** If several requests use the same key at the same time, one claims it, and the others wait for the end of its transaction. */
async function claimKey(
  trx: Db,
  { key, fingerprint }: Once,
  id: string,
  owner: string | null,
): Promise<void> {
  await trx
    .deleteFrom('idempotent_requests')
    .where('key', '=', key)
    .where('created_at', '<', sql<Date>`now() - ${RETENTION_HOURS} * interval '1 hour'`)
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

/** Waits until the request that created an upload has ended. @throws ApiError 409 if it is still running after `MAX_WAIT_MS`. */
export async function awaitFirst(locks: UploadLocks, id: string): Promise<void> {
  const deadline = performance.now() + MAX_WAIT_MS
  while (await locks.isBusy(id)) {
    if (performance.now() > deadline)
      throw new ApiError(
        409,
        'request_under_way',
        'The first request with this key or link is still running. Try again later.',
      )
    await pause(CHECK_INTERVAL_MS)
  }
}

export function keyReused(): ApiError {
  return new ApiError(
    422,
    'idempotency_key_reused',
    'The Idempotency-Key was already used for a different request.',
    'idempotency-key',
  )
}
