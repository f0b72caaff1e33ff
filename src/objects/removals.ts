import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../database/schema.ts'

/** How long removals are repeated: until a worker that was busy with a deleted video can no longer add a file to it. */
const REPEAT_REMOVAL_S = 60

/** Notes stored objects, to be removed after the transaction is committed. */
export async function noteRemoval(db: Db, ...keys: string[]): Promise<void> {
  await note(
    db,
    keys.map(key => ({ key })),
  )
}

/**
 * Notes objects that an attempt is about to store. They are removed unless `keepAnnounced` is called while the attempt still has its
 * step, so that a process that is killed leaves no object without a row.
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
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/**
 * Removes the noted objects from storage.
 * @param prefix limits this to keys that begin with it.
 */
export async function removeNoted(
  db: Db,
  storage: { remove(key: string): Promise<void> },
  prefix = '',
): Promise<void> {
  const announced = sql<boolean>`exists (select from steps where steps.lease_token = removals.lease_token)`
  for (const { key, old } of await db
    .selectFrom('removals')
    .select(['key', isOld().as('old')])
    .where('key', 'like', `${prefix}%`)
    .where(({ not }) => not(announced))
    .execute()) {
    await storage.remove(key)
    if (old) await db.deleteFrom('removals').where('key', '=', key).execute()
  }
}

function isOld(): RawBuilder<boolean> {
  return sql<boolean>`created_at < now() - ${REPEAT_REMOVAL_S} * interval '1 second'`
}
