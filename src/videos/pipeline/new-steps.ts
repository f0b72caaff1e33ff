import { sql, type Transaction } from 'kysely'
import type { StepReason } from '../../base/step-reasons.ts'
import { prepared } from '../../database/prepared.ts'
import type { Db, Schema } from '../../database/schema.ts'
import { STEP_NAMES, type StepName } from '../../database/tables/steps.ts'
import { nextTurn } from './leases.ts'
import { blockedBy, PIPELINE, type Pipeline, type StepFact } from './pipeline.ts'
import { settle } from './steps.ts'

/** The rows of steps that can work while the source grows, for the statement that inserts the video. @param owner of the video. */
export function growingSteps(videoId: string, owner: string | null, pipeline: Pipeline = PIPELINE) {
  const ownerOfSteps = sql<string>`coalesce(${owner}::text, '')`
  return STEP_NAMES.filter(name => pipeline[name].needs === 'growing').map(name => ({
    video_id: videoId,
    name,
    owner: ownerOfSteps,
    ...(pipeline[name].after === null && dueNow(name, ownerOfSteps)),
  }))
}

/**
 * Inserts the steps of a video whose upload is finished, except those that it has already. A step is due if the step before it is done.
 * Call it in the transaction that finishes the upload.
 */
export async function insertSteps(db: Db, videoId: string, pipeline: Pipeline = PIPELINE): Promise<void> {
  const grows = STEP_NAMES.some(name => pipeline[name].needs === 'growing')
  if (pipeline === PIPELINE && !grows) {
    await insertAll(db, { videoId })
    return
  }
  const begun = grows ? await stepFacts(db, videoId) : []
  const rows = laterSteps(videoId, begun, pipeline)
  if (rows.length > 0) await db.insertInto('steps').values(rows).execute()
  if (begun.length > 0) await settle(db as Transaction<Schema>, videoId)
}

/** All steps of a video, if none of them begins while the source grows. */
const insertAll = prepared<{ readonly videoId: string }, never>('insert-steps', (db, value) =>
  db.insertInto('steps').values(laterSteps(value('videoId'), [], PIPELINE)),
)

/** The rows of the steps that a video does not have yet. @param begun the steps that it has. */
function laterSteps(videoId: string, begun: readonly StepFact[], pipeline: Pipeline) {
  const owner = sql<string>`(select coalesce(owner, '') from videos where id = ${videoId})`
  const known = new Map<StepName, StepFact>(begun.map(step => [step.name, step]))
  return STEP_NAMES.filter(name => !known.has(name)).map(name => {
    const { after } = pipeline[name]
    const before = after === null ? undefined : known.get(after)
    const reason = before && skipReason(before)
    const state = reason === undefined ? ('pending' as const) : ('skipped' as const)
    known.set(name, { name, state, reason: reason ?? null })
    const isDue = after === null || before?.state === 'done'
    return {
      video_id: videoId,
      name,
      owner,
      ...(isDue && dueNow(name, owner)),
      ...(reason !== undefined && { state, reason, finished_at: sql<Date>`now()` }),
    }
  })
}

function stepFacts(db: Db, videoId: string): Promise<StepFact[]> {
  return db.selectFrom('steps').select(['name', 'state', 'reason']).where('video_id', '=', videoId).execute()
}

/** The reason to skip a step after a step that ended without a result; undefined if the step must run. */
function skipReason({ name, state, reason }: StepFact): StepReason | undefined {
  if (state === 'failed') return blockedBy(name)
  return state === 'skipped' ? (reason ?? undefined) : undefined
}

function dueNow(name: StepName, owner: ReturnType<typeof sql<string>>) {
  return { due_at: sql<Date>`now()`, turn: nextTurn(name, owner) }
}
