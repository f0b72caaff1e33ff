import { type Selectable, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type {
  DroppedText,
  TranscriptGap,
  TranscriptOptions,
  TranscriptSegment,
  TranscriptsTable,
} from '../../database/tables/transcripts.ts'
import { currentTranscripts } from '../current-transcripts.ts'
import { refreshSearch } from '../search/search-index.ts'

/** Number of revisions that are kept per video. */
export const MAX_REVISIONS = 100

export type Transcript = Selectable<TranscriptsTable>

/** A transcript without its text. */
export type Revision = Omit<Transcript, 'text' | 'segments' | 'gaps' | 'dropped' | 'size'>

export interface NewTranscript {
  readonly language: string | null
  readonly text: string
  readonly segments: readonly TranscriptSegment[]
  readonly model: string | null
  readonly options?: TranscriptOptions | null
  readonly source_sha256: string | null
  readonly gaps?: readonly TranscriptGap[]
  readonly dropped?: readonly DroppedText[]
  readonly speech_share?: number | null
  readonly restored_from?: number | null
}

/** The part of a transcript that is shown with its video. */
export type TranscriptText = Pick<Transcript, 'video_id' | 'language' | 'text'>

/** The text of each video's current transcript, by video id. */
export async function currentTexts(
  db: Db,
  videoIds: readonly string[],
): Promise<Map<string, TranscriptText>> {
  const rows = await currentTranscripts(db, videoIds).select(['video_id', 'language', 'text']).execute()
  return new Map(rows.map(row => [row.video_id, row]))
}

/** The transcript that is shown and searched. */
export async function currentTranscript(db: Db, videoId: string): Promise<Transcript | undefined> {
  return currentTranscripts(db, [videoId]).selectAll().executeTakeFirst()
}

export async function findRevision(
  db: Db,
  videoId: string,
  revision: number,
): Promise<Transcript | undefined> {
  return db
    .selectFrom('transcripts')
    .selectAll()
    .where('video_id', '=', videoId)
    .where('revision', '=', revision)
    .executeTakeFirst()
}

/** All revisions, the latest first. */
export async function listRevisions(db: Db, videoId: string): Promise<Revision[]> {
  return db
    .selectFrom('transcripts')
    .select([
      'video_id',
      'revision',
      'origin',
      'language',
      'model',
      'options',
      'source_sha256',
      'partial',
      'speech_share',
      'restored_from',
      'created_at',
    ])
    .where('video_id', '=', videoId)
    .orderBy('revision', 'desc')
    .execute()
}

/** Adds a model's result as the next revision. The caller must hold the lock of the video's row. */
export async function addMachineTranscript(
  db: Db,
  videoId: string,
  transcript: NewTranscript,
): Promise<void> {
  await insertRevision(db, videoId, 'machine', transcript)
}

/** Sets the end time of a text that was written before the video's duration was known. @param duration seconds. */
export async function timeUntimed(db: Db, videoId: string, duration: number): Promise<void> {
  await sql`
    update transcripts set segments = jsonb_set(segments, '{0,end}', to_jsonb(${duration}::float8))
    where video_id = ${videoId} and jsonb_array_length(segments) = 1 and segments -> 0 -> 'end' = '0'`.execute(
    db,
  )
}

/** Adds a revision. The caller must hold the lock of the video's row, so that two revisions do not get the same number. */
export async function insertRevision(
  db: Db,
  videoId: string,
  origin: Transcript['origin'],
  { options = null, gaps = [], dropped = [], speech_share = null, ...transcript }: NewTranscript,
): Promise<void> {
  await db
    .insertInto('transcripts')
    .values({
      restored_from: null,
      ...transcript,
      origin,
      video_id: videoId,
      segments: JSON.stringify(transcript.segments),
      options: options && JSON.stringify(options),
      gaps: JSON.stringify(gaps),
      dropped: JSON.stringify(dropped),
      speech_share,
      revision: sql<number>`(select coalesce(max(revision), 0) + 1 from transcripts where video_id = ${videoId})`,
    })
    .execute()
  await deleteOldRevisions(db, videoId)
  await refreshSearch(db, videoId)
}

/** Removes the oldest revisions, except the latest by a person and the latest by a machine. */
async function deleteOldRevisions(db: Db, videoId: string): Promise<void> {
  const ofVideo = db.selectFrom('transcripts').where('video_id', '=', videoId)
  await db
    .deleteFrom('transcripts')
    .where('video_id', '=', videoId)
    .where('revision', '<=', ofVideo.select(sql<number>`max(revision) - ${MAX_REVISIONS}::int`.as('last')))
    .where('revision', 'not in', ofVideo.groupBy('origin').select(sql<number>`max(revision)`.as('last')))
    .execute()
}
