import { sql } from 'kysely'
import { ApiError, notFound } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import type { StepName } from '../../database/tables/steps.ts'
import { nextTurn, touch } from './leases.ts'
import { canRetry, isSettled, PIPELINE } from './pipeline.ts'
import { OWNER } from './steps.ts'

/**
 * Makes steps of a video due again with new attempts: all steps that a retry can help, or only the named step, even if it is done.
 * @returns their names. @throws ApiError 404 if there is no such video, 409 if the step before the named one is not done, or while the
 * video is being uploaded.
 */
export async function retrySteps(db: Db, videoId: string, only?: StepName): Promise<StepName[]> {
  return db.transaction().execute(async trx => {
    await requireUploaded(trx, videoId)
    await touch(trx, videoId)
    const steps = await trx.selectFrom('steps').selectAll().where('video_id', '=', videoId).execute()
    const isDue = (name: StepName) => {
      const { after } = PIPELINE[name]
      return !after || steps.find(step => step.name === after)?.state === 'done'
    }
    const again = steps.filter(step => (only ? step.name === only && isSettled(step.state) : canRetry(step)))
    if (only && again.length > 0 && !isDue(only)) {
      throw new ApiError(
        409,
        'step_not_possible',
        `${only} needs ${PIPELINE[only].after} to be done.`,
        'step',
      )
    }
    for (const { name } of again) {
      await trx
        .updateTable('steps')
        .set({
          state: 'pending',
          progress: 0,
          attempts: 0,
          reason: null,
          error_code: null,
          error_message: null,
          due_at: isDue(name) ? sql<Date>`now()` : null,
          turn: nextTurn(name, OWNER),
          losses: 0,
          machine_faults: 0,
          started_at: null,
          finished_at: null,
        })
        .where('video_id', '=', videoId)
        .where('name', '=', name)
        .execute()
    }
    if (again.length > 0) {
      await trx
        .updateTable('videos')
        .set({ status: 'processing', error_code: null, error_message: null })
        .where('id', '=', videoId)
        .execute()
    }
    return again.map(step => step.name)
  })
}

/** @throws ApiError 404, also for a video in the bin; 409 while the video is being uploaded. */
async function requireUploaded(db: Db, id: string): Promise<void> {
  const video = await db.selectFrom('videos').select('status').where('id', '=', id).executeTakeFirst()
  if (!video) throw notFound('The video')
  if (video.status !== 'uploading') return
  throw new ApiError(409, 'video_uploading', 'The video is still being uploaded. Its steps run after that.')
}
