import { type RawBuilder, sql } from 'kysely'
import { ApiError, DetailedError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { binTotals } from '../../videos/catalogue/bin-totals.ts'
import type { WithinQuota } from '../../videos/transcripts/transcript-edits.ts'
import { inTurn } from './owner-turns.ts'
import { tooLarge } from './upload-errors.ts'
import { findUpload } from './upload-rows.ts'

/** Limits for each owner. */
export interface Limits {
  /** Number of unfinished uploads. */
  readonly maxUnfinished: number
  /** Bytes of all uploads and videos together; undefined if the owner has no quota. */
  readonly quota: number | undefined
}

/** Text up to this size in one row does not count in the quota; longer text does. */
const FREE_ROW_BYTES = 4096
/** Every owner may have this many uploads and videos, even with a small quota. */
const MIN_ROWS = 100

/**
 * Checks whether an owner may create one more upload. Call it in the transaction that creates the upload: until that transaction ends, no
 * other request creates an upload for the same owner.
 * @param bytes known size of the upload; 0 if the size is unknown.
 * @throws ApiError 429 if the owner has too many unfinished uploads, 413 if the upload would exceed the quota.
 */
export async function requireAllowance(trx: Db, owner: string, bytes: number, limits: Limits): Promise<void> {
  const { maxUnfinished, quota } = limits
  await lockOwner(trx, owner)
  const uploads = trx
    .selectFrom('all_uploads')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('owner', '=', owner)
  const { count: unfinished } = await uploads.where('finished_at', 'is', null).executeTakeFirstOrThrow()
  if (unfinished >= maxUnfinished) {
    throw new ApiError(
      429,
      'too_many_uploads',
      `You have ${unfinished} unfinished uploads; the limit is ${maxUnfinished}. Finish or delete some of them.`,
    )
  }
  if (quota === undefined) return
  const { count: all } = await uploads.executeTakeFirstOrThrow()
  const maxRows = Math.max(MIN_ROWS, Math.floor(quota / FREE_ROW_BYTES))
  if (all >= maxRows)
    throw new ApiError(
      413,
      'quota_exceeded',
      `You have ${all} uploads and videos, those in the bin too: the maximum for a quota of ${quota} bytes. Delete some of them permanently.`,
    )
  await requireQuota(trx, owner, bytes, limits)
}

/** Checks that an owner may store more bytes. @throws ApiError 413 if they would exceed the quota. */
export async function requireQuota(
  db: Db,
  owner: string | null,
  bytes: number,
  { quota }: Limits,
): Promise<void> {
  if (owner === null || quota === undefined) return
  if ((await usedBytes(db, owner)) + bytes > quota) throw await quotaExceeded(db, owner, quota)
}

/**
 * Runs a transaction that stores the declared length of an upload. Until it ends, no other request adds bytes for the owner.
 * @param length bytes. @throws ApiError 413 if the length exceeds the upload's limit or the owner's quota.
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
  if ((await usedBytes(trx, owner, { upload: id })) + length > quota)
    throw await quotaExceeded(trx, owner, quota)
}

export function withinQuota(limits: Limits): WithinQuota {
  return (db, videoId, atLeast, change) => changeWithinQuota(db, videoId, limits, atLeast, change)
}

/**
 * Changes a video in a transaction, if the bytes that the change adds fit in the owner's quota. Until the transaction ends, no other request
 * adds bytes for the owner.
 * @param atLeast minimum number of bytes that the change adds: if they do not fit, the change does not start.
 * @throws ApiError 413 if the change exceeds the quota.
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
    if (before + atLeast > quota && atLeast > 0) throw await quotaExceeded(trx, owner, quota)
    const result = await change(trx)
    const after = await usedBytes(trx, owner)
    // A change that frees bytes is accepted even above the quota.
    if (after > quota && after > before) throw await quotaExceeded(trx, owner, quota)
    return result
  })
}

/** Locks an owner: until the transaction ends, no other transaction adds bytes for the owner. Call it before you lock any row. */
export async function lockOwner(trx: Db, owner: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${owner}`}, 0))`.execute(trx)
}

/** An upload or a reservation that `usedBytes` leaves out, because the caller is about to change it. */
export interface Uncounted {
  readonly upload?: string
  readonly reservation?: string
}

/** All videos with more than `FREE_ROW_BYTES` of text, and some others. Written like the index `all_videos_owner_long_texts`. */
const MAY_BE_LONG = sql<boolean>`(octet_length(title) + octet_length(description) > 2048 or cardinality(tags) > 4)`
/** Written like the index `all_uploads_owner_long_texts`. */
const METADATA_BYTES = sql<number>`(octet_length(metadata::text) + coalesce(octet_length(parts::text), 0) + octet_length(promised::text))`

/**
 * Bytes that count in an owner's quota: videos, those in the bin too; uploads with their declared or reserved length; parts until a video
 * contains them; chunks that wait for earlier chunks; transcripts that people wrote; and long titles, descriptions and other metadata.
 * @param owner null for what has no owner.
 */
export async function usedBytes(db: Db, owner: string | null, except: Uncounted = {}): Promise<number> {
  const { upload = null, reservation = null } = except
  const owned = (column: RawBuilder<unknown>) =>
    owner === null ? sql`${column} is null` : sql`${column} = ${owner}`
  const { rows } = await sql<{ used: number }>`
    select (
      (select coalesce(sum(size), 0) from all_videos where ${owned(sql`owner`)}) +
      (select coalesce(sum(greatest(0, octet_length(title) + octet_length(description)
          + octet_length(array_to_string(tags, ',')) - ${FREE_ROW_BYTES}::int)), 0)
        from all_videos where ${owned(sql`owner`)} and ${MAY_BE_LONG}) +
      (select coalesce(sum(${METADATA_BYTES} - ${FREE_ROW_BYTES}::int), 0)
        from all_uploads where ${owned(sql`owner`)} and ${METADATA_BYTES} > ${sql.lit(FREE_ROW_BYTES)}) +
      (select coalesce(sum(coalesce(length, greatest("offset", coalesce(bytes, 0)))), 0)
        from uploads left join reservations on upload_id = uploads.id and held_until > now()
        where ${owned(sql`uploads.owner`)} and (finished_at is null or concat = 'partial') and not joined
          and uploads.id is distinct from ${upload}::uuid) +
      (select coalesce(sum(recording_pieces.size), 0) from recording_pieces
        join uploads on uploads.id = recording_pieces.recording_id
        where ${owned(sql`owner`)} and finished_at is null and length is null and recording_pieces.storage_key is not null
          and uploads.id is distinct from ${upload}::uuid) +
      (select coalesce(sum(bytes), 0) from reservations
        where ${owned(sql`owner`)} and upload_id is null and held_until > now() and id is distinct from ${reservation}::uuid) +
      (select coalesce(sum(transcripts.size), 0) from transcripts join all_videos on all_videos.id = video_id
        where ${owned(sql`owner`)} and origin = 'person')
    )::bigint as used`.execute(db)
  return rows[0]!.used
}

/** The error for an owner whose quota is used up. It tells how much of the quota the bin holds. */
export async function quotaExceeded(db: Db, owner: string, quota: number): Promise<ApiError> {
  const bin = await binTotals(db, { all: false, owner })
  const advice =
    bin.videos === 0
      ? 'Delete some of them permanently: the bin counts too.'
      : `The bin holds ${bin.bytes} bytes of it: delete these videos permanently, or others.`
  return new DetailedError(
    413,
    'quota_exceeded',
    `This exceeds your quota of ${quota} bytes for all uploads and videos. ${advice}`,
    { bin_bytes: bin.bytes },
  )
}
