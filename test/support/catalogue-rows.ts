import { type Kysely, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Schema } from '../../src/database/schema.ts'
import type { StepName } from '../../src/database/tables/steps.ts'
import { finishUpload } from '../../src/uploads/core/finish.ts'
import type { UploadMetadata } from '../../src/uploads/core/metadata.ts'
import { insertUpload } from '../../src/uploads/core/new-upload.ts'
import { claimStep, type Lease } from '../../src/videos/pipeline/leases.ts'
import { completeStep, type StepOutcome, type VideoFacts } from '../../src/videos/pipeline/steps.ts'
import type { NewTranscript } from '../../src/videos/transcripts/transcripts.ts'

export const FACTS: VideoFacts = {
  content_type: 'video/mp4',
  sha256: 'ab'.repeat(32),
  duration: 12.5,
  declared_duration: null,
  width: 640,
  height: 480,
  video_codec: 'h264',
  audio_codec: 'aac',
  container: 'mp4',
  rotation: 0,
  frame_rate: 25,
  bit_rate: 1_000_000,
  streams: [],
  chapters: [],
}

/** The row of an upload that has not begun. @returns its id. */
export async function addUpload(
  db: Kysely<Schema>,
  { length = 100, metadata = {}, expiry = 3600, owner = null }: AddedUpload = {},
): Promise<string> {
  const id = uuid()
  await insertUpload(db, { id, length, metadata, owner, requestId: `request-${id}` }, expiry)
  return id
}

interface AddedUpload {
  /** Bytes; null where it is not known yet. */
  readonly length?: number | null
  readonly metadata?: UploadMetadata
  /** Seconds. */
  readonly expiry?: number
  readonly owner?: string | null
}

/** A video as it comes out of a finished upload. @returns its id. */
export async function addVideo(
  db: Kysely<Schema>,
  { length = 100, ...rest }: { length?: number; metadata?: UploadMetadata; owner?: string } = {},
): Promise<string> {
  const id = await addUpload(db, { length, ...rest })
  if (!(await finishUpload(db, id, length))) throw new Error('the upload could not be finished')
  return id
}

/** Takes a step that is due. */
export async function claim(db: Kysely<Schema>, videoId: string, step: StepName): Promise<Lease> {
  const lease = await claimStep(db, step, { videoId })
  if (!lease) throw new Error(`${step} is not due`)
  return lease
}

/** Takes a step that is due and completes it. */
export async function complete(
  db: Kysely<Schema>,
  videoId: string,
  step: StepName,
  outcome: StepOutcome = {},
): Promise<void> {
  if (!(await completeStep(db, await claim(db, videoId, step), outcome)))
    throw new Error('the lease was lost')
}

/** As if a lease's worker had given no sign of life for long. */
export async function expireLease(db: Kysely<Schema>, { videoId, step }: Lease): Promise<void> {
  const before = sql<Date>`now() - interval '1 second'`
  await db
    .updateTable('steps')
    .set({ lease_until: before })
    .where('video_id', '=', videoId)
    .where('name', '=', step)
    .execute()
}

/** Every step of a video by name. */
export async function stepsOf(db: Kysely<Schema>, videoId: string) {
  const rows = await db.selectFrom('steps').selectAll().where('video_id', '=', videoId).execute()
  return Object.fromEntries(rows.map(row => [row.name, row])) as Record<StepName, (typeof rows)[number]>
}

/** The events of a video that nobody has relayed, in their order. */
export async function eventsOf(db: Kysely<Schema>, videoId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('type')
    .where('video_id', '=', videoId)
    .orderBy('id')
    .execute()
  return rows.map(row => row.type)
}

export function heard(text: string, segments: NewTranscript['segments'] = []): NewTranscript {
  return { language: 'en', text, segments, model: 'whisper-1', source_sha256: null }
}
