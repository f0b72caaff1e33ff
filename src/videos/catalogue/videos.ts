import { createHash } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { ApiError, notFound } from '../../base/errors.ts'
import type {
  ArtifactKind,
  ArtifactsTable,
  Db,
  Schema,
  StepsTable,
  VideosTable,
} from '../../database/schema.ts'
import { snapshot } from '../../database/snapshot.ts'
import { enqueue } from '../../messaging/outbox.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { insertSteps } from '../pipeline/steps.ts'
import { refreshSearch } from '../search/search-index.ts'
import { type PreparedEdit, prepareText, untilCurrent } from '../transcripts/prepared-edits.ts'
import { addEditedText, type WithinQuota } from '../transcripts/transcript-edits.ts'
import { currentTexts, type TranscriptText } from '../transcripts/transcripts.ts'

export type VideoRow = Selectable<VideosTable>
export type StepRow = Selectable<StepsTable>
export type ArtifactRow = Selectable<ArtifactsTable>

/** A video with all that the API tells of it. */
export interface Video extends VideoRow {
  readonly steps: readonly StepRow[]
  readonly artifacts: readonly ArtifactRow[]
  readonly transcript: TranscriptText | undefined
}

export interface NewVideo {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly language: string | null
  readonly tags: string[]
  readonly filename: string | null
  readonly size: number
  readonly storage_key: string
  readonly owner: string | null
  readonly incomplete: boolean
  readonly request_id: string | null
}

export interface VideoChanges {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** A BCP 47 tag, or null for whatever was recognised. */
  readonly language?: string | null | undefined
  /** The whole text of the transcript. */
  readonly transcript?: string | undefined
}

export const VIDEO_COLUMNS = [
  'id',
  'title',
  'description',
  'language',
  'filename',
  'content_type',
  'size',
  'storage_key',
  'sha256',
  'status',
  'incomplete',
  'error_code',
  'error_message',
  'duration',
  'declared_duration',
  'width',
  'height',
  'video_codec',
  'audio_codec',
  'container',
  'rotation',
  'frame_rate',
  'bit_rate',
  'streams',
  'chapters',
  'playback',
  'speech_seconds_sent',
  'tags',
  'version',
  'request_id',
  'owner',
  'last_played',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Schema['videos'])[]

/** Enters a video into the catalogue, with its steps and its first event. To be called in the transaction that finishes its upload. */
export async function createVideo(db: Db, video: NewVideo): Promise<void> {
  await db.insertInto('videos').values(video).execute()
  await insertSteps(db, video.id)
  await refreshSearch(db, video.id)
  await enqueue(db, { type: 'video.uploaded', video_id: video.id, request_id: video.request_id })
}

/** @throws ApiError 404 where there is no such video. */
export async function getVideo(db: Db, id: string): Promise<Video> {
  const video = await findVideo(db, id)
  if (!video) throw notFound('The video')
  return video
}

export async function findVideo(db: Db, id: string): Promise<Video | undefined> {
  return snapshot(db, async db => {
    const row = await db.selectFrom('videos').select(VIDEO_COLUMNS).where('id', '=', id).executeTakeFirst()
    const [video] = await withDetails(db, row ? [row] : [])
    return video
  })
}

/** Adds steps, artifacts and the texts of transcripts to videos, in a fixed number of statements. */
export async function withDetails(db: Db, videos: readonly VideoRow[]): Promise<Video[]> {
  if (videos.length === 0) return []
  const ids = videos.map(video => video.id)
  const steps = await db.selectFrom('steps').selectAll().where('video_id', 'in', ids).execute()
  const artifacts = await db.selectFrom('artifacts').selectAll().where('video_id', 'in', ids).execute()
  const transcripts = await currentTexts(db, ids)
  return videos.map(video => ({
    ...video,
    steps: steps.filter(step => step.video_id === video.id),
    artifacts: artifacts.filter(artifact => artifact.video_id === video.id),
    transcript: transcripts.get(video.id),
  }))
}

/** The row alone. @throws ApiError 404 where there is no such video. */
export async function getVideoRow(db: Db, id: string): Promise<VideoRow> {
  const video = await db.selectFrom('videos').select(VIDEO_COLUMNS).where('id', '=', id).executeTakeFirst()
  if (!video) throw notFound('The video')
  return video
}

export async function findArtifact(
  db: Db,
  videoId: string,
  kind: ArtifactKind,
  variant = '',
): Promise<ArtifactRow | undefined> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where('video_id', '=', videoId)
    .where('kind', '=', kind)
    .where('variant', '=', variant)
    .executeTakeFirst()
}

/** Names the bytes of an artifact in an address: a step that runs again makes a file under another key. */
export function artifactVersion({ storage_key }: ArtifactRow): string {
  return createHash('sha256').update(storage_key).digest('base64url').slice(0, 8)
}

/** The first of these kinds that there is. */
export async function firstArtifact(
  db: Db,
  videoId: string,
  kinds: readonly ArtifactKind[],
): Promise<ArtifactRow | undefined> {
  const found = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('video_id', '=', videoId)
    .where('kind', 'in', kinds)
    .execute()
  return kinds.flatMap(kind => found.filter(artifact => artifact.kind === kind))[0]
}

type Edited = Pick<VideoRow, 'title' | 'description' | 'tags' | 'language'> & {
  readonly transcript: { readonly text: string } | undefined
}

/** Names the state of all that a person can change of a video; what processing changes leaves it as it is. */
export function editTag({ title, description, tags, language, transcript }: Edited): string {
  const edited = JSON.stringify([title, description, tags, language, transcript?.text ?? null])
  return createHash('sha256').update(edited).digest('hex').slice(0, 20)
}

/** Whether a video is still what the one who changes it has seen, by its `editTag`. */
export type Precondition = (tag: string) => boolean

/** @throws ApiError 412 where it is not. Locks the row, so that it stays so. */
async function requireSeen(db: Db, id: string, isSeen: Precondition): Promise<void> {
  const row = await db
    .selectFrom('videos')
    .select(['title', 'description', 'tags', 'language'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw notFound('The video')
  const transcript = await db
    .selectFrom('transcripts')
    .select('text')
    .where('video_id', '=', id)
    .orderBy(sql`origin = 'person'`, 'desc')
    .orderBy('revision', 'desc')
    .executeTakeFirst()
  if (isSeen(editTag({ ...row, transcript }))) return
  throw new ApiError(
    412,
    'precondition_failed',
    'The video is not, or no longer, what the condition says: look at it again.',
    'if-match',
  )
}

/**
 * Changes what is given and leaves the rest.
 * @throws ApiError 404 where there is no such video, 412 where it is not what has been seen, 413 where its owner may not keep what it adds.
 */
export async function updateVideo(
  db: Db,
  id: string,
  changes: VideoChanges,
  { isSeen, withinQuota }: { isSeen?: Precondition | undefined; withinQuota?: WithinQuota } = {},
): Promise<void> {
  const { transcript: text } = changes
  const write = (edit?: PreparedEdit) => {
    const run = (trx: Db) => updateIn(trx, id, changes, { isSeen, edit })
    if (!withinQuota) return db.transaction().execute(run)
    return withinQuota(db, id, Buffer.byteLength(text ?? ''), run)
  }
  if (text === undefined) await write()
  else await untilCurrent(() => prepareText(db, id, text), write)
}

async function updateIn(
  trx: Db,
  id: string,
  changes: VideoChanges,
  { isSeen, edit }: { isSeen: Precondition | undefined; edit: PreparedEdit | undefined },
): Promise<void> {
  if (isSeen) await requireSeen(trx, id, isSeen)
  const { transcript, tags, ...columns } = changes
  const video = await trx
    .updateTable('videos')
    .set({
      ...columns,
      ...(tags && { tags: [...tags] }),
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (!video) throw notFound('The video')
  if (transcript !== undefined && edit) await addEditedText(trx, id, transcript, edit)
  else await refreshSearch(trx, id)
}

/**
 * Takes a video out of the catalogue, with its upload and all rows about it, and notes what is to be removed from storage; a worker
 * that is busy with it finds its lease gone. @throws ApiError 404 where there is no such video, 412 where it is not what has been seen.
 */
export async function deleteVideo(
  db: Db,
  id: string,
  requestId: string | null,
  isSeen?: Precondition,
): Promise<void> {
  await db.transaction().execute(async trx => {
    if (isSeen) await requireSeen(trx, id, isSeen)
    const video = await trx
      .deleteFrom('videos')
      .where('id', '=', id)
      .returning(['storage_key', 'owner'])
      .executeTakeFirst()
    if (!video) throw notFound('The video')
    await trx.deleteFrom('uploads').where('id', '=', id).execute()
    await noteRemoval(trx, video.storage_key, `artifacts/${id}/`)
    const { owner } = video
    await enqueue(trx, { type: 'video.deleted', video_id: id, owner, request_id: requestId })
  })
}

/** How often a video's `last_played` is written while it plays, in seconds. */
const PLAYED_EVERY_S = 60

/** Notes that a video is being played. No change of the video: nobody is told of it. */
export async function notePlayed(db: Db, id: string): Promise<void> {
  await db
    .updateTable('videos')
    .set({ last_played: sql<Date>`now()` })
    .where('id', '=', id)
    .where(({ or, eb }) =>
      or([
        eb('last_played', 'is', null),
        eb('last_played', '<', sql<Date>`now() - ${PLAYED_EVERY_S} * interval '1 second'`),
      ]),
    )
    .execute()
}

/** Versions of those of the videos that exist, by id: what a watcher compares. */
export async function versionsOf(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('videos').select(['id', 'version']).where('id', 'in', ids).execute()
  return new Map(rows.map(row => [row.id, row.version]))
}
