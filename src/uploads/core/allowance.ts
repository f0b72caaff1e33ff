import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import type { WithinQuota } from '../../videos/transcripts/transcript-edits.ts'
import { inTurn } from './owner-turns.ts'
import { tooLarge } from './upload-errors.ts'
import { findUpload } from './upload-rows.ts'

/** Limits of one owner. */
export interface Limits {
  readonly maxUnfinished: number
  /** Bytes of all uploads and videos together; undefined if only the disk is the limit. */
  readonly quota: number | undefined
}

/** A row of this size is free; longer texts count in the quota. */
const ROW_BYTES = 4096
/** Every owner may have this many uploads and videos, however small the quota is. */
const MIN_ROWS = 100

/**
 * Checks whether an owner may create one more upload. Call it in the transaction that creates the upload: until that ends, no other request
 * creates one for the same owner.
 * @param bytes of the upload, as far as they are known.
 * @throws ApiError 429 if too many are unfinished, 413 if it would exceed the quota.
 */
export async function requireAllowance(trx: Db, owner: string, bytes: number, limits: Limits): Promise<void> {
  const { maxUnfinished, quota } = limits
  await lockOwner(trx, owner)
  const { unfinished, all } = await trx
    .selectFrom('uploads')
    .select([
      sql<number>`(count(*) filter (where finished_at is null))::int`.as('unfinished'),
      sql<number>`count(*)::int`.as('all'),
    ])
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow()
  if (unfinished >= maxUnfinished) {
    throw new ApiError(
      429,
      'too_many_uploads',
      `There are ${unfinished} unfinished uploads; the limit is ${maxUnfinished}. Finish or delete some of them.`,
    )
  }
  if (quota === undefined) return
  const most = Math.max(MIN_ROWS, Math.floor(quota / ROW_BYTES))
  if (all >= most)
    throw new ApiError(
      413,
      'quota_exceeded',
      `There are ${all} uploads and videos, as many as a quota of ${quota} bytes allows. Delete some.`,
    )
  await requireQuota(trx, owner, bytes, limits)
}

/** @throws ApiError 413 if so many more bytes would exceed the owner's quota. */
export async function requireQuota(
  db: Db,
  owner: string | null,
  bytes: number,
  { quota }: Limits,
): Promise<void> {
  if (owner === null || quota === undefined) return
  if ((await usedBytes(db, owner)) + bytes > quota) throw quotaExceeded(quota)
}

/**
 * Runs a transaction that stores the length that a client declares for an upload. Until it ends, no other request adds bytes for the owner.
 * @throws ApiError 413 if it exceeds the upload's limit or the owner's quota.
 */
export async function withLength(
  db: Db,
  id: string,
  length: number,
  limits: Limits,
  work: (trx: Db) => Promise<void>,
): Promise<void> {
  const row = limits.quota === undefined ? undefined : await findUpload(db, id)
  await inTurn(db, row?.owner ?? null, async trx => {
    await requireLength(trx, id, length, limits)
    await work(trx)
  })
}

async function requireLength(trx: Db, id: string, length: number, { quota }: Limits): Promise<void> {
  const { owner = null, max_size = null } = (await findUpload(trx, id)) ?? {}
  if (max_size !== null && length > max_size) throw tooLarge(max_size)
  if (owner === null || quota === undefined) return
  await lockOwner(trx, owner)
  if ((await usedBytes(trx, owner, { upload: id })) + length > quota) throw quotaExceeded(quota)
}

export function withinQuota(limits: Limits): WithinQuota {
  return (db, videoId, atLeast, change) => changeWithinQuota(db, videoId, limits, atLeast, change)
}

/**
 * Changes a video in a transaction, if the quota has room for what the change adds. Until the transaction ends, no other request adds bytes
 * for the owner. @param atLeast bytes that the change adds at least: if they do not fit, the change does not begin.
 * @throws ApiError 413
 */
async function changeWithinQuota<T>(
  db: Db,
  videoId: string,
  { quota }: Limits,
  atLeast: number,
  change: (trx: Db) => Promise<T>,
): Promise<T> {
  if (quota === undefined) return db.transaction().execute(change)
  const video = await db.selectFrom('videos').select('owner').where('id', '=', videoId).executeTakeFirst()
  const owner = video?.owner
  if (!owner) return db.transaction().execute(change)
  return inTurn(db, owner, async trx => {
    await lockOwner(trx, owner)
    const before = await usedBytes(trx, owner)
    if (before + atLeast > quota && atLeast > 0) throw quotaExceeded(quota)
    const result = await change(trx)
    const after = await usedBytes(trx, owner)
    // A change that frees bytes is accepted even above the quota.
    if (after > quota && after > before) throw quotaExceeded(quota)
    return result
  })
}

/** Until the transaction ends, no other one adds bytes for this owner. Call it before locking any row. */
export async function lockOwner(trx: Db, owner: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${owner}`}, 0))`.execute(trx)
}

/** Left out of a count, because it is about to change. */
export interface Uncounted {
  readonly upload?: string
  readonly reservation?: string
}

/**
 * Bytes that count in an owner's quota: videos; uploads with their declared or reserved length; parts until a video contains them; chunks
 * that wait for others; transcripts that people wrote; and long titles, descriptions and other metadata.
 */
export async function usedBytes(db: Db, owner: string, except: Uncounted = {}): Promise<number> {
  const { upload = null, reservation = null } = except
  const { rows } = await sql<{ used: number }>`
    select (
      (select coalesce(sum(coalesce(size, 0) + greatest(0, octet_length(title) + octet_length(description)
          + octet_length(array_to_string(tags, ',')) - ${ROW_BYTES}::int)), 0)
        from videos where owner = ${owner}) +
      (select coalesce(sum(greatest(0, octet_length(metadata::text) + coalesce(octet_length(parts::text), 0)
          + octet_length(promised::text) - ${ROW_BYTES}::int)), 0)
        from uploads where owner = ${owner}) +
      (select coalesce(sum(coalesce(length, greatest("offset", coalesce(bytes, 0)))), 0)
        from uploads left join reservations on upload_id = uploads.id and held_until > now()
        where uploads.owner = ${owner} and (finished_at is null or concat = 'partial') and not joined
          and uploads.id is distinct from ${upload}::uuid) +
      (select coalesce(sum(recording_pieces.size), 0) from recording_pieces
        join uploads on uploads.id = recording_pieces.recording_id
        where owner = ${owner} and finished_at is null and length is null and recording_pieces.storage_key is not null
          and uploads.id is distinct from ${upload}::uuid) +
      (select coalesce(sum(bytes), 0) from reservations
        where owner = ${owner} and upload_id is null and held_until > now() and id is distinct from ${reservation}::uuid) +
      (select coalesce(sum(transcripts.size), 0) from transcripts join videos on videos.id = video_id
        where owner = ${owner} and origin = 'person')
    )::bigint as used`.execute(db)
  return rows[0]!.used
}

export function quotaExceeded(quota: number): ApiError {
  return new ApiError(
    413,
    'quota_exceeded',
    `The quota of ${quota} bytes for all uploads and videos together is used up. Delete some.`,
  )
}
