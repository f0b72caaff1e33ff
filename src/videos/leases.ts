import { sql, type UpdateObject } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Db, Schema, StepName } from '../database/schema.ts'

/** How long a running step belongs to its worker after the last sign of life, in seconds. */
export const LEASE = 20

/** The right to work on a step until `LEASE` after the last renewal; the token is what later statements compare. */
export interface Lease {
  readonly videoId: string
  readonly step: StepName
  readonly token: string
  /** 1 for the first. */
  readonly attempt: number
}

/**
 * Takes a step that is due and not paused, or whose worker gave no sign of life for `LEASE` seconds; compare-and-set, so that of any number of
 * workers one gets it.
 * @param videoId of one video, or undefined for whichever is due longest.
 * @returns undefined where there is nothing to take.
 */
export async function claimStep(db: Db, step: StepName, videoId?: string): Promise<Lease | undefined> {
  const token = uuid()
  const due = db
    .selectFrom('steps')
    .select('video_id')
    .where('name', '=', step)
    .where(({ or, and, eb }) =>
      or([
        and([eb('state', '=', 'pending'), eb('due_at', '<=', sql<Date>`now()`)]),
        and([eb('state', '=', 'running'), eb('lease_until', '<', sql<Date>`now()`)]),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('pauses').select('pauses.step').where('pauses.step', '=', step))),
    )
    .$if(videoId !== undefined, query => query.where('video_id', '=', videoId!))
    .orderBy('due_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
  const claimed = await db
    .updateTable('steps')
    .set({
      state: 'running',
      attempts: sql<number>`attempts + 1`,
      progress: 0,
      lease_token: token,
      lease_until: leaseEnd(),
      started_at: sql<Date>`now()`,
      finished_at: null,
    })
    .where('name', '=', step)
    // Not `in`: that may become a join that runs the subquery again for every row, and takes all that is due.
    .where('video_id', '=', due)
    .returning(['video_id', 'attempts'])
    .executeTakeFirst()
  if (!claimed) return undefined
  await touch(db, claimed.video_id)
  return { videoId: claimed.video_id, step, token, attempt: claimed.attempts }
}

/** Prolongs a lease and notes the progress in percent. @returns false where the step is somebody else's by now, or gone. */
export async function renewLease(db: Db, lease: Lease, progress: number): Promise<boolean> {
  const held = await updateHeld(db, lease, { progress, lease_until: leaseEnd() })
  if (held) await touch(db, lease.videoId)
  return held
}

/** Whether a step still belongs to its lease, at the cost of one small read. */
export async function holdsLease(db: Db, lease: Lease): Promise<boolean> {
  const row = await db
    .selectFrom('steps')
    .select('name')
    .where('video_id', '=', lease.videoId)
    .where('name', '=', lease.step)
    .where('lease_token', '=', lease.token)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Gives a step back as if it had not been begun: the worker is stopped, or the step has to wait for what is no fault of its own.
 * @param why what it waits for, and for how many seconds at least.
 */
export async function releaseStep(
  db: Db,
  lease: Lease,
  why?: { code: string; message: string; wait: number },
): Promise<void> {
  await updateHeld(db, lease, {
    state: 'pending',
    attempts: sql<number>`attempts - 1`,
    progress: 0,
    due_at: sql<Date>`now() + ${why?.wait ?? 0}::float8 * interval '1 second'`,
    lease_token: null,
    lease_until: null,
    ...(why && { error_code: why.code, error_message: why.message }),
  })
  await touch(db, lease.videoId)
}

/** Tokens of all leases that stand: whatever else carries a token is left over from a worker that died. */
export async function liveTokens(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('steps')
    .select('lease_token')
    .where('state', '=', 'running')
    .where('lease_until', '>=', sql<Date>`now()`)
    .execute()
  return new Set(rows.map(row => row.lease_token!))
}

/** Ends all leases at once: for the start of the one process that can have held any. */
export async function dropLeases(db: Db): Promise<void> {
  await db
    .updateTable('steps')
    .set({ lease_until: sql<Date>`now() - interval '1 second'` })
    .where('state', '=', 'running')
    .execute()
}

/** Changes a step that this lease still holds. @returns false, and changes nothing, where it does not. */
export async function updateHeld(
  db: Db,
  lease: Lease,
  values: UpdateObject<Schema, 'steps'>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('steps')
    .set(values)
    .where('video_id', '=', lease.videoId)
    .where('name', '=', lease.step)
    .where('state', '=', 'running')
    .where('lease_token', '=', lease.token)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Marks a video as changed, for those who watch it. */
export async function touch(db: Db, videoId: string): Promise<void> {
  await db
    .updateTable('videos')
    .set({ version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
    .where('id', '=', videoId)
    .execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE} * interval '1 second'`
}
