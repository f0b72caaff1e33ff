import { type Kysely, sql } from 'kysely'
import { ApiError, notFound } from '../../base/errors.ts'
import type { Db, Schema, TranscriptGap, TranscriptSegment } from '../../database/schema.ts'
import { type PreparedEdit, prepareSegments, requireCurrent, untilCurrent } from './prepared-edits.ts'
import { currentTranscript, findRevision, insertRevision, type Transcript } from './transcripts.ts'

/** Whether an edit that was made of one revision may replace this one; it is undefined where there is none yet. */
export type Precondition = (current: number | undefined) => boolean

export interface TranscriptEdit {
  readonly segments: readonly TranscriptSegment[]
  /** As a BCP 47 tag; undefined leaves it as it is. */
  readonly language?: string | null | undefined
}

/** Runs a change in a transaction, if its video's owner may keep what it adds: `atLeast` bytes. @throws ApiError 413 */
export type WithinQuota = <T>(
  db: Db,
  videoId: string,
  atLeast: number,
  change: (trx: Db) => Promise<T>,
) => Promise<T>

/** How far behind the end of a video a segment may end, in seconds: containers and their sound differ in length. */
const TOLERANCE = 1

/** Adds an edited text as the next revision. The caller holds the video's row, and calls this within `untilCurrent`. */
export async function addEditedText(
  db: Db,
  videoId: string,
  text: string,
  edit: PreparedEdit,
): Promise<void> {
  const before = await currentTranscript(db, videoId)
  requireCurrent(edit, before)
  await insertRevision(db, videoId, 'person', { ...provenanceOf(before), text, segments: edit.segments })
}

/**
 * Adds edited segments as the next revision; those who edit at the same time come one after the other.
 * @throws ApiError 404 where there is no such video, 412 where the precondition does not hold, 400 where a segment ends behind the video.
 */
export async function editSegments(
  db: Kysely<Schema>,
  videoId: string,
  edit: TranscriptEdit,
  holds: Precondition,
  withinQuota?: WithinQuota,
): Promise<Transcript> {
  const prepare = () => prepareSegments(db, videoId, edit.segments)
  return untilCurrent(prepare, prepared => writeSegments(db, videoId, edit, prepared, { holds, withinQuota }))
}

async function writeSegments(
  db: Kysely<Schema>,
  videoId: string,
  edit: TranscriptEdit,
  prepared: PreparedEdit,
  conditions: Omit<Conditions, 'atLeast'>,
): Promise<Transcript> {
  const atLeast = prepared.segments.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  return change(db, videoId, { ...conditions, atLeast }, async (trx, before, duration) => {
    const limit = (duration ?? Number.POSITIVE_INFINITY) + TOLERANCE
    const late = edit.segments.findIndex(({ end }) => end > limit)
    if (late >= 0) {
      const field = `segments.${late}.end`
      throw new ApiError(400, 'invalid_request', `${field} lies behind the end of the video.`, field)
    }
    requireCurrent(prepared, before)
    const { segments } = prepared
    const { gaps, language, ...provenance } = provenanceOf(before)
    await insertRevision(trx, videoId, 'person', {
      ...provenance,
      language: edit.language === undefined ? language : edit.language,
      text: segments.map(segment => segment.text).join(' '),
      segments,
      // A gap that a person has written into is none any more.
      gaps: gaps.filter(gap => !segments.some(({ start, end }) => start < gap.end && end > gap.start)),
    })
  })
}

/**
 * Adds a copy of an earlier revision as the next one. It counts as a person's, because a person chose it.
 * @throws ApiError 404 where there is no such video or revision, 412 where the precondition does not hold.
 */
export async function restoreRevision(
  db: Kysely<Schema>,
  videoId: string,
  revision: number,
  holds: Precondition,
  withinQuota?: WithinQuota,
): Promise<Transcript> {
  return change(db, videoId, { holds, withinQuota, atLeast: 0 }, async trx => {
    const found = await findRevision(trx, videoId, revision)
    if (!found) throw notFound('This revision')
    const { text, segments } = found
    await insertRevision(trx, videoId, 'person', {
      ...provenanceOf(found),
      text,
      segments,
      restored_from: revision,
    })
  })
}

interface Conditions {
  readonly holds: Precondition
  readonly withinQuota: WithinQuota | undefined
  readonly atLeast: number
}

async function change(
  db: Kysely<Schema>,
  videoId: string,
  { holds, withinQuota, atLeast }: Conditions,
  add: (trx: Db, before: Transcript | undefined, duration: number | null) => Promise<void>,
): Promise<Transcript> {
  const run = (trx: Db) => changeIn(trx, videoId, holds, add)
  return withinQuota ? withinQuota(db, videoId, atLeast, run) : db.transaction().execute(run)
}

async function changeIn(
  trx: Db,
  videoId: string,
  holds: Precondition,
  add: (trx: Db, before: Transcript | undefined, duration: number | null) => Promise<void>,
): Promise<Transcript> {
  // First of all, because it locks the video's row: who comes second sees what the first has written.
  const video = await trx
    .updateTable('videos')
    .set({ version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
    .where('id', '=', videoId)
    .returning('duration')
    .executeTakeFirst()
  if (!video) throw notFound('The video')
  const before = await currentTranscript(trx, videoId)
  if (!holds(before?.revision)) {
    throw new ApiError(
      412,
      'precondition_failed',
      before
        ? `The transcript is at revision ${before.revision} by now: get it, and apply the change to that.`
        : 'There is no transcript yet.',
      'if-match',
    )
  }
  await add(trx, before, video.duration)
  return (await currentTranscript(trx, videoId))!
}

/** What an edit takes over from the revision that it was made of. */
function provenanceOf(before: Transcript | undefined) {
  const gaps: TranscriptGap[] = before?.gaps ?? []
  return {
    language: before?.language ?? null,
    model: before?.model ?? null,
    options: before?.options ?? null,
    source_sha256: before?.source_sha256 ?? null,
    gaps,
    dropped: before?.dropped ?? [],
    speech_share: before?.speech_share ?? null,
  }
}
