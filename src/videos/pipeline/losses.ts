import { sql, type UpdateObject } from 'kysely'
import type { Db, Schema } from '../../database/schema.ts'
import type { StepName } from '../../database/tables/steps.ts'
import { nextTurn, touch } from './leases.ts'
import { blockedBy, dependents } from './pipeline.ts'
import { endStep, skipPending } from './steps.ts'

/**
 * A step that lost this many workers counts as the cause of the losses, unless workers without this step were lost in the same time: then
 * the cause is something else, and the step gets more attempts.
 */
const BLAMED_LOSSES = 5
const MAX_LOSSES = 20
/** Delay before the next attempt after the first, second, third … loss. */
const WAITS_S = [0, 4, 16, 60]
/** A step that failed because of its losses runs again after this delay, which doubles each time. */
const FIRST_REVIVAL_S = 600
const LAST_REVIVAL_S = 86_400
/** Losses are kept for this long. */
const KEPT_DAYS = 1

interface Lost {
  readonly videoId: string
  readonly step: StepName
  readonly token: string
}

/**
 * Makes the steps of lost workers due again, without counting the attempt. A step that seems to crash its workers has the state `failed` for
 * a while, so that other steps can finish.
 */
export async function recoverLost(db: Db): Promise<void> {
  const rows = await db
    .selectFrom('steps')
    .select(['video_id as videoId', 'name as step', 'lease_token as token'])
    .where('state', '=', 'running')
    .where('lease_until', '<', sql<Date>`now()`)
    .execute()
  for (const { token, ...rest } of rows) if (token) await recover(db, { ...rest, token })
  if (rows.length === 0) return
  await db
    .deleteFrom('lost_leases')
    .where('lost_at', '<', sql<Date>`now() - ${KEPT_DAYS} * interval '1 day'`)
    .execute()
}

async function recover(db: Db, lost: Lost): Promise<void> {
  await endStep(db, lost, async trx => {
    const row = await trx
      .updateTable('steps')
      .set({
        state: 'pending',
        attempts: sql<number>`greatest(attempts - 1, 0)`,
        losses: sql<number>`losses + 1`,
        progress: 0,
        lease_token: null,
        lease_until: null,
        error_code: 'worker_lost',
        error_message: 'The worker that ran the step was lost. It runs again.',
      })
      .where('video_id', '=', lost.videoId)
      .where('name', '=', lost.step)
      .where('lease_token', '=', lost.token)
      // If several workers recover the step at once, one of them succeeds.
      .where('state', '=', 'running')
      .where('lease_until', '<', sql<Date>`now()`)
      .returning(['worker', 'losses'])
      .executeTakeFirst()
    if (!row) return false
    if (row.worker) await noteLoss(trx, lost, row.worker)
    if (row.losses >= MAX_LOSSES || (row.losses >= BLAMED_LOSSES && !(await isInnocent(trx, lost)))) {
      await giveUp(trx, lost, row.losses)
    } else {
      const wait = WAITS_S[Math.min(row.losses, WAITS_S.length) - 1]
      await setStep(trx, lost, { due_at: sql<Date>`now() + ${wait}::float8 * interval '1 second'` })
    }
    return true
  })
}

async function noteLoss(db: Db, { videoId, step }: Lost, worker: string): Promise<void> {
  await db
    .insertInto('lost_leases')
    .values({ video_id: videoId, step, worker })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** Whether, since the first loss of this step, a worker was lost that did not run the step. */
async function isInnocent(db: Db, { videoId, step }: Lost): Promise<boolean> {
  const own = sql`select worker from lost_leases where video_id = ${videoId} and step = ${step}`
  const { rows } = await sql`
    select from lost_leases
    where lost_at >= (select min(lost_at) from lost_leases where video_id = ${videoId} and step = ${step})
      and worker not in (${own})
    limit 1`.execute(db)
  return rows.length > 0
}

async function giveUp(db: Db, lost: Lost, losses: number): Promise<void> {
  const wait = Math.min(LAST_REVIVAL_S, FIRST_REVIVAL_S * 2 ** Math.max(0, losses - BLAMED_LOSSES))
  await setStep(db, lost, {
    state: 'failed',
    error_message: `${losses} workers were lost while they ran this step. It is retried automatically in ${Math.round(wait / 60)} minutes.`,
    due_at: sql<Date>`now() + ${wait}::float8 * interval '1 second'`,
    finished_at: sql<Date>`now()`,
  })
  await skipPending(db, lost.videoId, dependents(lost.step), blockedBy(lost.step))
}

/** Retries steps that failed because of their losses, after a delay. The steps after them wait for them again. */
export async function reviveGivenUp(db: Db): Promise<void> {
  const rows = await db
    .selectFrom('steps')
    .select(['video_id as videoId', 'name as step'])
    .where('state', '=', 'failed')
    .where('due_at', '<=', sql<Date>`now()`)
    .execute()
  for (const row of rows) await db.transaction().execute(trx => revive(trx, row))
}

async function revive(db: Db, { videoId, step }: Omit<Lost, 'token'>): Promise<void> {
  await touch(db, videoId)
  const revived = await db
    .updateTable('steps')
    .set({ state: 'pending', finished_at: null, turn: nextTurn(step, sql<string>`steps.owner`) })
    .where('video_id', '=', videoId)
    .where('name', '=', step)
    .where('state', '=', 'failed')
    .where('due_at', '<=', sql<Date>`now()`)
    .executeTakeFirst()
  if (revived.numUpdatedRows === 0n) return
  await db
    .updateTable('steps')
    .set({ state: 'pending', reason: null, due_at: null, finished_at: null })
    .where('video_id', '=', videoId)
    .where('state', '=', 'skipped')
    .where('reason', '=', blockedBy(step))
    .execute()
  await db
    .updateTable('videos')
    .set({ status: 'processing', error_code: null, error_message: null })
    .where('id', '=', videoId)
    .execute()
}

async function setStep(
  db: Db,
  { videoId, step }: Lost,
  values: UpdateObject<Schema, 'steps'>,
): Promise<void> {
  await db.updateTable('steps').set(values).where('video_id', '=', videoId).where('name', '=', step).execute()
}
