import type { Kysely } from 'kysely'
import { ApiError, notFound } from '../../base/errors.ts'
import { type ExpectedVersions, isExpected, UnexpectedVersion } from '../../base/expected-versions.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { TranscriptGap, TranscriptSegment } from '../../database/tables/transcripts.ts'
import { CHANGED } from '../changed.ts'
import { type PreparedEdit, prepareSegments, requireCurrent, untilCurrent } from './prepared-edits.ts'
import { currentTranscript, findRevision, insertRevision, type Transcript } from './transcripts.ts'

export interface TranscriptEdit {
  readonly segments: readonly TranscriptSegment[]
  /** A BCP 47 tag; undefined keeps the language. */
  readonly language?: string | null | undefined
}

/** Runs a change in a transaction within the quota of the video's owner. @param atLeast minimum number of bytes that it adds. @throws ApiError 413 */
export type WithinQuota = <T>(
  db: Db,
  videoId: string,
  atLeast: number,
  change: (trx: Db) => Promise<T>,
) => Promise<T>

/** A segment may end this long after the video, because audio and video can differ in length. */
const END_TOLERANCE_S = 1

/** Adds an edited text as the next revision. The caller must hold the lock of the video's row and call this within `untilCurrent`. */
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
 * Adds edited segments as the next revision. Concurrent edits run one after the other.
 * @throws ApiError 404 if there is no such video, 400 if a segment ends after the video, UnexpectedVersion if the current revision is not
 * an expected one.
 */
export async function editSegments(
  db: Kysely<Schema>,
  videoId: string,
  edit: TranscriptEdit,
  expected: ExpectedVersions,
  withinQuota?: WithinQuota,
): Promise<Transcript> {
  const prepare = () => prepareSegments(db, videoId, edit.segments)
  return untilCurrent(prepare, prepared =>
    writeSegments(db, videoId, edit, prepared, { expected, withinQuota }),
  )
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
    const limit = (duration ?? Number.POSITIVE_INFINITY) + END_TOLERANCE_S
    const late = edit.segments.findIndex(({ end }) => end > limit)
    if (late >= 0) {
      const field = `segments.${late}.end`
      throw new ApiError(400, 'invalid_request', `${field} is after the end of the video.`, field)
    }
    requireCurrent(prepared, before)
    const { segments } = prepared
    const { gaps, language, ...provenance } = provenanceOf(before)
    await insertRevision(trx, videoId, 'person', {
      ...provenance,
      language: edit.language === undefined ? language : edit.language,
      text: segments.map(segment => segment.text).join(' '),
      segments,
      // A segment that a person writes closes the gap.
      gaps: gaps.filter(gap => !segments.some(({ start, end }) => start < gap.end && end > gap.start)),
    })
  })
}

/**
 * Adds a copy of an earlier revision as the next one. Its origin is `person`, because a person chose it.
 * @throws ApiError 404 if there is no such video or revision, UnexpectedVersion if the current revision is not an expected one.
 */
export async function restoreRevision(
  db: Kysely<Schema>,
  videoId: string,
  revision: number,
  expected: ExpectedVersions,
  withinQuota?: WithinQuota,
): Promise<Transcript> {
  return change(db, videoId, { expected, withinQuota, atLeast: 0 }, async trx => {
    const found = await findRevision(trx, videoId, revision)
    if (!found) throw notFound('The revision')
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
  readonly expected: ExpectedVersions
  readonly withinQuota: WithinQuota | undefined
  readonly atLeast: number
}

async function change(
  db: Kysely<Schema>,
  videoId: string,
  { expected, withinQuota, atLeast }: Conditions,
  add: (trx: Db, before: Transcript | undefined, duration: number | null) => Promise<void>,
): Promise<Transcript> {
  const run = (trx: Db) => changeIn(trx, videoId, expected, add)
  return withinQuota ? withinQuota(db, videoId, atLeast, run) : db.transaction().execute(run)
}

async function changeIn(
  trx: Db,
  videoId: string,
  expected: ExpectedVersions,
  add: (trx: Db, before: Transcript | undefined, duration: number | null) => Promise<void>,
): Promise<Transcript> {
  // This must be first: it locks the video's row, so that the second of two edits sees the result of the first.
  const video = await trx
    .updateTable('videos')
    .set(CHANGED)
    .where('id', '=', videoId)
    .returning('duration')
    .executeTakeFirst()
  if (!video) throw notFound('The video')
  const before = await currentTranscript(trx, videoId)
  if (!isExpected(before?.revision.toString(), expected)) {
    throw new UnexpectedVersion(
      before
        ? `The current revision of the transcript is ${before.revision}. Read it and apply the change to it.`
        : 'The video has no transcript yet.',
    )
  }
  await add(trx, before, video.duration)
  return (await currentTranscript(trx, videoId))!
}

/** The fields that an edit keeps from the previous revision. */
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
