import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { nextTurn } from './leases.ts'
import { PIPELINE } from './pipeline.ts'
import { OWNER } from './steps.ts'

/**
 * Stops the work on a video, until `resumeSteps`: no step of it is due, and a worker that runs one loses its lease. The caller has locked the
 * video's row.
 */
export async function stopSteps(db: Db, videoId: string): Promise<void> {
  await db
    .updateTable('steps')
    .set({
      state: sql`case when state = 'running' then 'pending' else state end`,
      attempts: sql<number>`case when state = 'running' then greatest(attempts - 1, 0) else attempts end`,
      progress: sql<number>`case when state = 'running' then 0 else progress end`,
      due_at: null,
      lease_token: null,
      lease_until: null,
      machine_faults: 0,
    })
    .where('video_id', '=', videoId)
    .execute()
}

/** Makes the steps due that `stopSteps` has stopped, and those that failed because workers were lost. */
export async function resumeSteps(db: Db, videoId: string): Promise<void> {
  const steps = await db.selectFrom('steps').selectAll().where('video_id', '=', videoId).execute()
  const isDone = (name: string | null) =>
    name === null || steps.find(step => step.name === name)?.state === 'done'
  for (const { name, state, error_code } of steps) {
    const isDue = state === 'pending' && isDone(PIPELINE[name].after)
    if (!isDue && !(state === 'failed' && error_code === 'worker_lost')) continue
    await db
      .updateTable('steps')
      .set({ due_at: sql<Date>`now()`, turn: nextTurn(name, OWNER) })
      .where('video_id', '=', videoId)
      .where('name', '=', name)
      .execute()
  }
}
