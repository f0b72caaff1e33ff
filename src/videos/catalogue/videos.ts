import { type Selectable, sql } from 'kysely'
import { notFound } from '../../base/errors.ts'
import type { Db, Schema } from '../../database/schema.ts'
import { snapshot } from '../../database/snapshot.ts'
import type { StepsTable } from '../../database/tables/steps.ts'
import type { VideosTable } from '../../database/tables/videos.ts'
import { currentTexts, type TranscriptText } from '../transcripts/transcripts.ts'
import type { ArtifactRow } from './artifacts.ts'

export type VideoRow = Selectable<VideosTable>
export type StepRow = Selectable<StepsTable>

/** The row of a video whose upload is finished. */
export interface SourceRow extends VideoRow {
  readonly size: number
  readonly storage_key: string
}

export interface UploadProgress {
  /** Number of durable bytes. */
  readonly offset: number
  /** Total number of bytes; null if the client has not declared it. */
  readonly length: number | null
}

/** A video with everything that the API returns about it. */
export interface Video extends VideoRow {
  /** Null once the upload is finished. */
  readonly upload: UploadProgress | null
  readonly steps: readonly StepRow[]
  readonly artifacts: readonly ArtifactRow[]
  readonly transcript: TranscriptText | undefined
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

/** @throws ApiError 404 if there is no such video. */
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

/** Adds steps, artifacts, upload progress and transcripts to videos, in a fixed number of statements. */
export async function withDetails(db: Db, videos: readonly VideoRow[]): Promise<Video[]> {
  if (videos.length === 0) return []
  const ids = videos.map(video => video.id)
  const steps = await db.selectFrom('steps').selectAll().where('video_id', 'in', ids).execute()
  const artifacts = await db.selectFrom('artifacts').selectAll().where('video_id', 'in', ids).execute()
  const transcripts = await currentTexts(db, ids)
  const uploads = await progressOf(db, videos)
  return videos.map(video => ({
    ...video,
    upload: uploads.get(video.id) ?? null,
    steps: steps.filter(step => step.video_id === video.id),
    artifacts: artifacts.filter(artifact => artifact.video_id === video.id),
    transcript: transcripts.get(video.id),
  }))
}

/** The upload progress of the videos that are being uploaded. */
async function progressOf(db: Db, videos: readonly VideoRow[]): Promise<Map<string, UploadProgress>> {
  const ids = videos.filter(({ status }) => status === 'uploading').map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('uploads')
    .select(['id', 'offset', 'length'])
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, offset, length }) => [id, { offset, length }]))
}

/** The row without details. @throws ApiError 404 if there is no such video. */
export async function getVideoRow(db: Db, id: string): Promise<VideoRow> {
  const video = await db.selectFrom('videos').select(VIDEO_COLUMNS).where('id', '=', id).executeTakeFirst()
  if (!video) throw notFound('The video')
  return video
}

/** Whether the upload of a video is unfinished; false if there is no such video. */
export async function isUploading(db: Db, id: string): Promise<boolean> {
  const video = await db.selectFrom('videos').select('status').where('id', '=', id).executeTakeFirst()
  return video?.status === 'uploading'
}

export function hasSource(video: VideoRow): video is SourceRow {
  return video.size !== null && video.storage_key !== null
}

/** The row of a video whose upload is finished. @throws ApiError 404 if there is no such video. */
export async function getSourceRow(db: Db, id: string): Promise<SourceRow> {
  const video = await getVideoRow(db, id)
  if (!hasSource(video)) throw notFound('The source of the video')
  return video
}

/** Minimum time between two writes of `last_played`. */
const PLAYED_INTERVAL_S = 60

/** Records that a video is being played. Does not change its version, so event streams report nothing. */
export async function notePlayed(db: Db, id: string): Promise<void> {
  await db
    .updateTable('videos')
    .set({ last_played: sql<Date>`now()` })
    .where('id', '=', id)
    .where(({ or, eb }) =>
      or([
        eb('last_played', 'is', null),
        eb('last_played', '<', sql<Date>`now() - ${PLAYED_INTERVAL_S} * interval '1 second'`),
      ]),
    )
    .execute()
}

/**
 * The version of each existing video, by id. While a video is being uploaded, its version contains the offset of the upload, so that event
 * streams report the progress.
 */
export async function versionsOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('videos')
    .leftJoin('uploads', join =>
      join.onRef('uploads.id', '=', 'videos.id').on('videos.status', '=', 'uploading'),
    )
    .select(['videos.id', 'videos.version', 'uploads.offset', 'uploads.length'])
    .where('videos.id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ id, version, offset, length }) => [
      id,
      versionOf({ version, upload: offset === null ? null : { offset, length } }),
    ]),
  )
}

/** Changes with every change of the video or of its upload progress. */
export function versionOf({ version, upload }: Pick<Video, 'version' | 'upload'>): string {
  return upload ? `${version}.${upload.offset}.${upload.length ?? ''}` : String(version)
}
