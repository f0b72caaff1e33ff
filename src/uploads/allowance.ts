import { sql } from 'kysely'
import type { Db } from '../database/schema.ts'
import { ApiError } from '../errors.ts'
import { tooLarge } from './upload-errors.ts'
import type { UploadRow } from './upload-rows.ts'

/** What one owner may have. */
export interface Limits {
  readonly maxUnfinished: number
  /** Bytes of uploads and videos together; undefined for what the disk has. */
  readonly quota: number | undefined
}

/**
 * Checks whether an owner may begin one more upload. In the transaction that creates it: until it ends, nobody else begins one of the same
 * owner's. @param bytes that it is to have, as far as that is known.
 * @throws ApiError 429 where too many are unfinished, 413 where it would be more than the owner may keep.
 */
export async function requireAllowance(trx: Db, owner: string, bytes: number, limits: Limits): Promise<void> {
  const { maxUnfinished } = limits
  await lockOwner(trx, owner)
  const { count } = await trx
    .selectFrom('uploads')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('owner', '=', owner)
    .where('finished_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (count >= maxUnfinished) {
    throw new ApiError(
      429,
      'too_many_uploads',
      `There are ${count} unfinished uploads already, and ${maxUnfinished} may be: finish some of them, or delete them.`,
    )
  }
  await requireQuota(trx, owner, bytes, limits)
}

/** @throws ApiError 413 where all that an owner has would be more than they may keep with so many bytes besides. */
export async function requireQuota(
  db: Db,
  owner: string | null,
  bytes: number,
  { quota }: Limits,
): Promise<void> {
  if (owner === null || quota === undefined) return
  if ((await usedBytes(db, owner)) + bytes > quota) throw quotaExceeded(quota)
}

/** Nobody else creates uploads of this owner, or declares their lengths, until the transaction ends. */
export async function lockOwner(trx: Db, owner: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${owner}`}, 0))`.execute(trx)
}

/**
 * Bytes of an owner's videos, and of uploads that are to become some: those that are announced count before they come, and parts until
 * they have become part of a video. @param except the upload that is not counted.
 */
export async function usedBytes(db: Db, owner: string, except: string | null = null): Promise<number> {
  const { rows } = await sql<{ used: number }>`
    select (
      (select coalesce(sum(size), 0) from videos where owner = ${owner}) +
      (select coalesce(sum(coalesce(length, "offset")), 0) from uploads
        where owner = ${owner} and (finished_at is null or concat = 'partial') and not joined
          and id is distinct from ${except}::uuid) +
      (select coalesce(sum(recording_pieces.size), 0) from recording_pieces
        join uploads on uploads.id = recording_pieces.recording_id
        where owner = ${owner} and finished_at is null and length is null and recording_pieces.storage_key is not null
          and uploads.id is distinct from ${except}::uuid)
    )::bigint as used`.execute(db)
  return rows[0]!.used
}

export interface Limit {
  /** That an upload may have in all. */
  readonly bytes: number
  /** For what would have more. */
  readonly error: ApiError
}

/** What an upload may come to have. Where its length has been declared, that was checked then. */
export async function limitOf(
  db: Db,
  { id, owner, length, max_size }: UploadRow,
  { quota }: Limits,
): Promise<Limit> {
  const own = max_size ?? Number.POSITIVE_INFINITY
  const left =
    owner === null || quota === undefined || length !== null
      ? Number.POSITIVE_INFINITY
      : quota - (await usedBytes(db, owner, id))
  return left < own ? { bytes: left, error: quotaExceeded(quota!) } : { bytes: own, error: tooLarge(own) }
}

function quotaExceeded(quota: number): ApiError {
  return new ApiError(
    413,
    'quota_exceeded',
    `It is more than there is room for: all uploads and videos together may have ${quota} bytes. Delete some.`,
  )
}
