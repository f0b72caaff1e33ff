import { type Selectable, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { PausesTable, StepName } from '../../database/tables/steps.ts'

export type Pause = Selectable<PausesTable>

const MAX_CHECK_INTERVAL_S = 300

/**
 * Prevents all workers from starting steps of a kind until `resumeStep`.
 * @param wait seconds until the first recovery check. @returns false if the kind was already paused.
 */
export async function pauseStep(
  db: Db,
  step: StepName,
  { code, message }: { code: string; message: string },
  wait: number,
): Promise<boolean> {
  const paused = await db
    .insertInto('pauses')
    .values({ step, code, message, next_check_at: sql<Date>`now() + ${wait}::float8 * interval '1 second'` })
    .onConflict(conflict => conflict.doNothing())
    .returning('step')
    .executeTakeFirst()
  return paused !== undefined
}

/**
 * Claims the next recovery check. Compare-and-set, so exactly one worker runs it. The interval doubles, up to five minutes.
 * @param wait as for `pauseStep`. @returns false if there is no pause, or no check is due.
 */
export async function claimCheck(db: Db, step: StepName, wait: number): Promise<boolean> {
  const claimed = await db
    .updateTable('pauses')
    .set({
      checks: sql<number>`checks + 1`,
      next_check_at: sql<Date>`now() + least(${MAX_CHECK_INTERVAL_S}, ${wait}::float8 * 2 ^ least(checks + 1, 30)) * interval '1 second'`,
    })
    .where('step', '=', step)
    .where('next_check_at', '<=', sql<Date>`now()`)
    .returning('step')
    .executeTakeFirst()
  return claimed !== undefined
}

/** Changes the reason of a pause. @returns false if the reason is the same, or nothing is paused. */
export async function updatePause(
  db: Db,
  step: StepName,
  { code, message }: { code: string; message: string },
): Promise<boolean> {
  const updated = await db
    .updateTable('pauses')
    .set({ code, message })
    .where('step', '=', step)
    .where('message', '<>', message)
    .returning('step')
    .executeTakeFirst()
  return updated !== undefined
}

/** Ends the pause of a kind. @returns false if it was not paused. */
export async function resumeStep(db: Db, step: StepName): Promise<boolean> {
  const ended = await db.deleteFrom('pauses').where('step', '=', step).returning('step').executeTakeFirst()
  return ended !== undefined
}

export async function findPause(db: Db, step: StepName): Promise<Pause | undefined> {
  return db.selectFrom('pauses').selectAll().where('step', '=', step).executeTakeFirst()
}
