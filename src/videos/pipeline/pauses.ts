import { type Selectable, sql } from 'kysely'
import type { Db, PausesTable, StepName } from '../../database/schema.ts'

export type Pause = Selectable<PausesTable>

/** The longest wait between two looks, in seconds. */
const LONGEST_WAIT = 300

/**
 * Keeps every worker from beginning steps of a kind, until `resumeStep`.
 * @param wait seconds until the first look whether it is right again.
 * @returns false where it was paused already.
 */
export async function pauseStep(
  db: Db,
  step: StepName,
  { code, message }: { code: string; message: string },
  wait: number,
): Promise<boolean> {
  const paused = await db
    .insertInto('pauses')
    .values({ step, code, message, look_at: sql<Date>`now() + ${wait}::float8 * interval '1 second'` })
    .onConflict(conflict => conflict.doNothing())
    .returning('step')
    .executeTakeFirst()
  return paused !== undefined
}

/**
 * Takes it on oneself to look whether a pause can end: compare-and-set, so that of any number of workers one looks. The next look is due
 * after twice the time, five minutes at most.
 * @param wait as for `pauseStep`. @returns false where there is no pause, or no look is due.
 */
export async function takeLook(db: Db, step: StepName, wait: number): Promise<boolean> {
  const taken = await db
    .updateTable('pauses')
    .set({
      looks: sql<number>`looks + 1`,
      look_at: sql<Date>`now() + least(${LONGEST_WAIT}, ${wait}::float8 * 2 ^ least(looks + 1, 30)) * interval '1 second'`,
    })
    .where('step', '=', step)
    .where('look_at', '<=', sql<Date>`now()`)
    .returning('step')
    .executeTakeFirst()
  return taken !== undefined
}

/** @returns false where it was not paused. */
export async function resumeStep(db: Db, step: StepName): Promise<boolean> {
  const ended = await db.deleteFrom('pauses').where('step', '=', step).returning('step').executeTakeFirst()
  return ended !== undefined
}

export async function findPause(db: Db, step: StepName): Promise<Pause | undefined> {
  return db.selectFrom('pauses').selectAll().where('step', '=', step).executeTakeFirst()
}
