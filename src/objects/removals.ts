import { type RawBuilder, sql } from 'kysely'
import { UUID_PATTERN } from '../base/ids.ts'
import type { Db } from '../database/schema.ts'
import type { ObjectStorage } from './object-storage.ts'

/** Removals are repeated for this time, because a worker may still add a file to a deleted video. */
const REPEAT_REMOVAL_S = 60
const UPLOAD_PREFIX = new RegExp(`^uploads/(${UUID_PATTERN})/$`)

/** Records objects for removal after the transaction is committed. A second call restarts the time for which the removal is repeated. */
export async function noteRemoval(db: Db, ...keys: string[]): Promise<void> {
  await note(
    db,
    keys.map(key => ({ key })),
  )
}

/**
 * Records objects that an attempt is about to store. They are removed unless the attempt calls `keepAnnounced` while it still holds the lease
 * of its step. So a process that is killed leaves no object without a row.
 */
export async function announceObjects(db: Db, leaseToken: string, keys: readonly string[]): Promise<void> {
  await note(
    db,
    keys.map(key => ({ key, lease_token: leaseToken })),
  )
}

/** Call it in the transaction that completes the step, after it has verified the lease. */
export async function keepAnnounced(db: Db, leaseToken: string): Promise<void> {
  await db.deleteFrom('removals').where('lease_token', '=', leaseToken).execute()
}

async function note(db: Db, rows: { key: string; lease_token?: string }[]): Promise<void> {
  if (rows.length === 0) return
  await db
    .insertInto('removals')
    .values(rows)
    .onConflict(conflict => conflict.column('key').doUpdateSet({ created_at: sql`now()` }))
    .execute()
}

/**
 * Removes the noted objects from storage.
 * @param prefix limits this to keys that begin with it. @param signal ends it before the next object.
 */
export async function removeNoted(
  db: Db,
  storage: Pick<ObjectStorage, 'remove'>,
  prefix = '',
  signal?: AbortSignal,
): Promise<void> {
  const announced = sql<boolean>`exists (select from steps where steps.lease_token = removals.lease_token)`
  for (const { key, old } of await db
    .selectFrom('removals')
    .select(['key', isOld().as('old')])
    .where('key', 'like', `${prefix}%`)
    .where(({ not }) => not(announced))
    .execute()) {
    if (signal?.aborted) return
    await storage.remove(key, await finishedBelow(db, key))
    // The condition is checked again, because the key may have been recorded again in the meantime.
    if (old) await db.deleteFrom('removals').where('key', '=', key).where(isOld()).execute()
  }
}

/** The object of a finished upload below a prefix that is being removed. This object must be kept. */
async function finishedBelow(db: Db, prefix: string): Promise<string | undefined> {
  const id = UPLOAD_PREFIX.exec(prefix)?.[1]
  if (id === undefined) return undefined
  const upload = await db
    .selectFrom('all_uploads')
    .select('object_key')
    .where('id', '=', id)
    .executeTakeFirst()
  const video = await db
    .selectFrom('all_videos')
    .select('storage_key')
    .where('id', '=', id)
    .executeTakeFirst()
  const key = video?.storage_key ?? upload?.object_key
  return key?.startsWith(prefix) ? key : undefined
}

function isOld(): RawBuilder<boolean> {
  return sql<boolean>`created_at < now() - ${REPEAT_REMOVAL_S} * interval '1 second'`
}
