import { sql } from 'kysely'
import type { Db } from '../database/schema.ts'
import { ApiError } from '../errors.ts'

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
export async function requireAllowance(
  trx: Db,
  owner: string,
  bytes: number,
  { maxUnfinished, quota }: Limits,
): Promise<void> {
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
  if (quota !== undefined && (await usedBytes(trx, owner)) + bytes > quota) throw quotaExceeded(quota)
}

/** Nobody else creates uploads of this owner, or declares their lengths, until the transaction ends. */
export async function lockOwner(trx: Db, owner: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${owner}`}, 0))`.execute(trx)
}

/**
 * Bytes of an owner's videos, and of uploads that are to become some: those that are announced count before they come. Parts count until
 * they have become a video.
 */
export async function usedBytes(db: Db, owner: string): Promise<number> {
  const { rows } = await sql<{ used: number }>`
    select (
      (select coalesce(sum(size), 0) from videos where owner = ${owner}) +
      (select coalesce(sum(coalesce(length, "offset")), 0) from uploads
        where owner = ${owner} and (finished_at is null or concat = 'partial') and not joined)
    )::bigint as used`.execute(db)
  return rows[0]!.used
}

export function quotaExceeded(quota: number): ApiError {
  return new ApiError(
    413,
    'quota_exceeded',
    `It is more than there is room for: all uploads and videos together may have ${quota} bytes. Delete some.`,
  )
}
