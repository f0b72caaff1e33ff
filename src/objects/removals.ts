import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../database/schema.ts'

/**
 * How long removed objects are removed again and again, in seconds: until no worker that was busy with the video can still be
 * putting a file there.
 */
const REMOVAL_WATCH = 60

/** Notes stored objects to be removed once the transaction is committed. */
export async function noteRemoval(db: Db, ...keys: string[]): Promise<void> {
  await note(
    db,
    keys.map(key => ({ key })),
  )
}

/**
 * Notes objects that an attempt is about to put into storage, before it does: they are removed unless `keepAnnounced` is called
 * while the step is still the attempt's. So whatever is killed wherever leaves nothing behind.
 */
export async function announceObjects(db: Db, leaseToken: string, keys: readonly string[]): Promise<void> {
  await note(
    db,
    keys.map(key => ({ key, lease_token: leaseToken })),
  )
}

/** To be called in the transaction that completes the step, and that has found the lease to be held. */
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
 * Removes from storage what no row refers to (any more).
 * @param prefix of the keys that are looked at.
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
  return sql<boolean>`created_at < now() - ${REMOVAL_WATCH} * interval '1 second'`
}
