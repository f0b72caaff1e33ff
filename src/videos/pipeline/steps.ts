import { sql, type Transaction } from 'kysely'
import type { StepError } from '../../base/errors.ts'
import type { SkipReason, StepErrorCode } from '../../base/step-reasons.ts'
import type { Db, Schema } from '../../database/schema.ts'
import { STEP_NAMES, type StepName, type StepNote } from '../../database/tables/steps.ts'
import type { ArtifactKind, PlaybackMethod, StreamFacts } from '../../database/tables/videos.ts'
import { enqueue } from '../../messaging/outbox.ts'
import { keepAnnounced, noteRemoval } from '../../objects/removals.ts'
import type { Chapter } from '../transcripts/embedded-captions.ts'
import { addMachineTranscript, type NewTranscript, timeUntimed } from '../transcripts/transcripts.ts'
import { type Lease, nextTurn, touch, updateHeld } from './leases.ts'
import { backoff, blockedBy, dependents, MAX_ATTEMPTS, PARTIAL, PIPELINE, statusOf } from './pipeline.ts'

/** Properties of a source that `probe` measures. Each is a column of the video. */
export interface VideoFacts {
  content_type: string
  sha256: string
  container: string
  duration: number | null
  /** Seconds that the file declares, if it ends earlier. */
  declared_duration: number | null
  width: number | null
  height: number | null
  rotation: number | null
  frame_rate: number | null
  bit_rate: number | null
  video_codec: string | null
  audio_codec: string | null
  streams: readonly StreamFacts[]
  chapters: readonly Chapter[]
}

export interface NewArtifact {
  kind: ArtifactKind
  variant?: string
  storage_key: string
  content_type: string
  size: number
  details: Record<string, unknown>
}

/** The result of a step that did not fail. The transaction that completes the step stores all of it. */
export interface StepOutcome {
  /** The reason to skip the step and the steps that wait for it. */
  skipped?: SkipReason
  /** The error of the part of the step that failed. A retry runs that part again. */
  partial?: { readonly code: StepErrorCode; readonly message: string }
  facts?: VideoFacts
  /** These replace the notes of earlier runs. */
  notes?: readonly StepNote[]
  /** How the playback rendition was made. */
  playback?: PlaybackMethod
  /** These replace the artifacts of earlier runs. */
  artifacts?: readonly NewArtifact[]
  transcript?: NewTranscript
  /** Reasons to skip later steps, by the name of the step. */
  skip?: Partial<Record<StepName, SkipReason>>
}

export async function findStep(db: Db, videoId: string, name: StepName) {
  return db
    .selectFrom('steps')
    .select(['state', 'reason', 'error_code', 'error_message', 'due_at'])
    .where('video_id', '=', videoId)
    .where('name', '=', name)
    .executeTakeFirst()
}

/** The owner in the row that a statement updates. */
export const OWNER = sql<string>`steps.owner`

/**
 * Ends a step and stores its result, makes the steps after it due, enqueues the events, and settles the video if this was its last step.
 * One transaction. @returns false, and changes nothing, if the lease was lost.
 */
export async function completeStep(db: Db, lease: Lease, outcome: StepOutcome): Promise<boolean> {
  return endStep(db, lease, async trx => {
    const { skipped, partial } = outcome
    const ended = await updateHeld(trx, lease, {
      state: skipped === undefined ? 'done' : 'skipped',
      reason: skipped ?? (partial ? PARTIAL : null),
      progress: 100,
      error_code: partial?.code ?? null,
      error_message: partial?.message ?? null,
      notes: JSON.stringify(outcome.notes ?? []),
      finished_at: sql<Date>`now()`,
      lease_token: null,
      lease_until: null,
      losses: 0,
      machine_faults: 0,
    })
    if (!ended) return false
    await putFacts(trx, lease.videoId, outcome)
    await putArtifacts(trx, lease, outcome.artifacts ?? [])
    if (outcome.transcript) await addMachineTranscript(trx, lease.videoId, outcome.transcript)
    for (const [name, why] of Object.entries(outcome.skip ?? {}) as [StepName, SkipReason][]) {
      await skipPending(trx, lease.videoId, [name, ...dependents(name)], why)
    }
    if (skipped === undefined) await makeDependentsDue(trx, lease)
    else await skipPending(trx, lease.videoId, dependents(lease.step), skipped)
    return true
  })
}

/**
 * Records a failed attempt. The step is due again after a back-off, or fails permanently if another attempt cannot help or none is left.
 * @returns false if the lease was lost.
 */
export async function failStep(db: Db, lease: Lease, error: StepError): Promise<boolean> {
  const again = error.retryable && lease.attempt < MAX_ATTEMPTS
  const wait = Math.max(backoff(lease.attempt), error.retryAfter ?? 0)
  return endStep(db, lease, async trx => {
    const ended = await updateHeld(trx, lease, {
      state: again ? 'pending' : 'failed',
      reason: null,
      error_code: error.code,
      error_message: error.message,
      due_at: again ? sql<Date>`now() + ${wait} * interval '1 second'` : null,
      ...(again && { turn: nextTurn(lease.step, OWNER) }),
      machine_faults: 0,
      finished_at: again ? null : sql<Date>`now()`,
      lease_token: null,
      lease_until: null,
    })
    if (ended && !again) await skipPending(trx, lease.videoId, dependents(lease.step), blockedBy(lease.step))
    return ended
  })
}

/** Runs `end`, which changes a step, in a transaction. Updates the status of the video if `end` returns true. */
export async function endStep(
  db: Db,
  lease: Pick<Lease, 'videoId'>,
  end: (trx: Transaction<Schema>) => Promise<boolean>,
): Promise<boolean> {
  return db.transaction().execute(async trx => {
    // This comes first, because it locks the video's row: if two steps end at the same time, they update the video one after the other.
    await touch(trx, lease.videoId)
    if (!(await end(trx))) return false
    await settle(trx, lease.videoId)
    return true
  })
}

export async function settle(trx: Transaction<Schema>, videoId: string): Promise<void> {
  const steps = await trx.selectFrom('steps').selectAll().where('video_id', '=', videoId).execute()
  const status = statusOf(steps)
  if (status === 'processing') return
  const fatal = steps.find(step => step.name === 'probe' && step.state === 'failed')
  const video = await trx
    .updateTable('videos')
    .set({ status, error_code: fatal?.error_code ?? null, error_message: fatal?.error_message ?? null })
    .where('id', '=', videoId)
    .where('status', '=', 'processing')
    .returning('request_id')
    .executeTakeFirst()
  if (video) await enqueue(trx, { type: `video.${status}`, video_id: videoId, request_id: video.request_id })
}

async function makeDependentsDue(trx: Transaction<Schema>, lease: Lease): Promise<void> {
  for (const name of STEP_NAMES.filter(candidate => PIPELINE[candidate].after === lease.step)) {
    await trx
      .updateTable('steps')
      .set({ due_at: sql<Date>`now()`, turn: nextTurn(name, OWNER) })
      .where('video_id', '=', lease.videoId)
      .where('name', '=', name)
      .where('state', '=', 'pending')
      .execute()
  }
  const type = PIPELINE[lease.step].announces
  if (!type) return
  const video = await trx
    .selectFrom('videos')
    .select('request_id')
    .where('id', '=', lease.videoId)
    .executeTakeFirst()
  await enqueue(trx, { type, video_id: lease.videoId, request_id: video?.request_id ?? null })
}

export async function skipPending(
  db: Db,
  videoId: string,
  names: StepName[],
  reason: SkipReason,
): Promise<void> {
  if (names.length === 0) return
  await db
    .updateTable('steps')
    .set({ state: 'skipped', reason, finished_at: sql<Date>`now()` })
    .where('video_id', '=', videoId)
    .where('name', 'in', names)
    .where('state', '=', 'pending')
    .execute()
}

async function putFacts(db: Db, videoId: string, { facts, playback }: StepOutcome): Promise<void> {
  if (!facts && !playback) return
  await db
    .updateTable('videos')
    .set({
      ...(facts && {
        ...facts,
        streams: JSON.stringify(facts.streams),
        chapters: JSON.stringify(facts.chapters),
      }),
      ...(playback && { playback }),
    })
    .where('id', '=', videoId)
    .execute()
  if (facts?.duration) await timeUntimed(db, videoId, facts.duration)
}

/** Inserts a step's artifacts, and schedules the removal of the files of earlier runs. */
async function putArtifacts(db: Db, lease: Lease, artifacts: readonly NewArtifact[]): Promise<void> {
  await keepAnnounced(db, lease.token)
  const kinds = [...PIPELINE[lease.step].makes, ...artifacts.map(artifact => artifact.kind)]
  if (kinds.length === 0) return
  const before = await db
    .deleteFrom('artifacts')
    .where('video_id', '=', lease.videoId)
    .where('kind', 'in', kinds)
    .returning('storage_key')
    .execute()
  const kept = new Set(artifacts.map(artifact => artifact.storage_key))
  await noteRemoval(db, ...before.map(row => row.storage_key).filter(key => !kept.has(key)))
  if (artifacts.length === 0) return
  await db
    .insertInto('artifacts')
    .values(
      artifacts.map(artifact => ({
        ...artifact,
        video_id: lease.videoId,
        details: JSON.stringify(artifact.details),
        created_at: new Date(),
      })),
    )
    .execute()
}
