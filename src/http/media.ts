import type { FastifyInstance } from 'fastify'
import type { ArtifactKind, Db } from '../database/schema.ts'
import { notFound } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { renderSrt, renderVtt } from '../videos/captions.ts'
import { currentTranscript, type Transcript } from '../videos/transcripts.ts'
import { findArtifact, getVideoRow, type VideoRow } from '../videos/videos.ts'
import { endWithVideo } from './end-with-video.ts'
import { type Media, mediaHeaders, sendMedia, sendText } from './media-response.ts'
import { type ById, byId, problems } from './schemas.ts'
import type { VideoWatcher } from './video-watcher.ts'

interface MediaParts {
  readonly db: Db
  readonly storage: Storage
  readonly watcher: VideoWatcher
}

const binary = { type: 'string', format: 'binary' } as const

/** The bytes of a video: what plays, the source, the artifacts, the captions. */
export async function mediaRoutes(app: FastifyInstance, { db, storage, watcher }: MediaParts): Promise<void> {
  const serve = (path: string, summary: string, find: (video: VideoRow) => Promise<Omit<Media, 'storage'>>) =>
    app.get<ById>(
      `/videos/:id/${path}`,
      {
        schema: {
          tags: ['media'],
          summary,
          params: byId,
          headers: mediaHeaders,
          response: {
            200: { description: 'All of it.', content: { 'application/octet-stream': { schema: binary } } },
            206: {
              description: 'The range that was asked for, or several as parts.',
              content: {
                'application/octet-stream': { schema: binary },
                'multipart/byteranges': { schema: binary },
              },
            },
            304: { type: 'null', description: 'It is what the client has.' },
            ...problems(400, 404, 412, 416),
          },
        },
      },
      async (request, reply) => {
        const video = await getVideoRow(db, request.params.id)
        endWithVideo(reply, video.id, db, watcher)
        return sendMedia(request, reply, { storage, ...(await find(video)) })
      },
    )

  const source = (video: VideoRow, disposition: Media['disposition']) => ({
    key: video.storage_key,
    contentType: video.content_type ?? 'application/octet-stream',
    disposition,
    filename: video.filename ?? `${video.title}${extensionOf(video.content_type)}`,
    lastModified: video.created_at,
    sha256: video.sha256,
  })
  const artifact = async (video: VideoRow, kind: ArtifactKind, disposition: Media['disposition']) => {
    const found = await findArtifact(db, video.id, kind)
    if (!found) throw notFound(`The ${kind} of this video`)
    return {
      key: found.storage_key,
      contentType: found.content_type,
      disposition,
      filename: `${video.title}${extensionOf(found.content_type)}`,
      lastModified: found.created_at,
    }
  }

  serve('stream', 'Play the video', async video => source(video, 'inline'))
  serve('source', 'Download what was uploaded', async video => source(video, 'attachment'))
  serve('audio', 'Download the audio', video => artifact(video, 'audio', 'attachment'))
  serve('poster', 'Show the poster', video => artifact(video, 'poster', 'inline'))

  const transcriptOf = async (id: string): Promise<Transcript> => {
    await getVideoRow(db, id)
    const transcript = await currentTranscript(db, id)
    if (!transcript) throw notFound('A transcript of this video')
    return transcript
  }
  const captions = (format: 'vtt' | 'srt', contentType: string, render: typeof renderVtt) =>
    app.get<ById>(
      `/videos/:id/captions.${format}`,
      {
        schema: {
          tags: ['media'],
          summary: `Captions as ${format === 'vtt' ? 'WebVTT' : 'SubRip'}`,
          params: byId,
          response: {
            200: { description: 'The captions.', content: { [contentType]: { schema: { type: 'string' } } } },
            ...problems(400, 404),
          },
        },
      },
      async (request, reply) => {
        const { segments, created_at } = await transcriptOf(request.params.id)
        return sendText(request, reply, {
          text: render(segments),
          contentType: `${contentType}; charset=utf-8`,
          disposition: 'inline',
          filename: `captions.${format}`,
          lastModified: created_at,
        })
      },
    )
  captions('vtt', 'text/vtt', renderVtt)
  captions('srt', 'application/x-subrip', renderSrt)

  app.get<ById>(
    '/videos/:id/transcript',
    {
      schema: {
        tags: ['videos'],
        summary: 'The transcript with times',
        params: byId,
        response: { 200: { $ref: 'Transcript#' }, ...problems(400, 404) },
      },
    },
    async request => {
      const transcript = await transcriptOf(request.params.id)
      return { ...transcript, created_at: transcript.created_at.toISOString() }
    },
  )
}

export const transcriptSchema = {
  $id: 'Transcript',
  type: 'object',
  required: ['video_id', 'revision', 'origin', 'text', 'segments', 'created_at'],
  properties: {
    video_id: { type: 'string', format: 'uuid' },
    revision: { type: 'integer', description: 'Grows with every edit and every run of a model.' },
    origin: { type: 'string', enum: ['machine', 'person'] },
    language: { type: ['string', 'null'], examples: ['en'] },
    text: { type: 'string' },
    segments: {
      type: 'array',
      items: {
        type: 'object',
        required: ['start', 'end', 'text'],
        properties: {
          start: { type: 'number', description: 'Seconds.', examples: [1.2] },
          end: { type: 'number', description: 'Seconds.', examples: [3.4] },
          text: { type: 'string' },
        },
      },
    },
    model: { type: ['string', 'null'], examples: ['whisper-1'] },
    source_sha256: { type: ['string', 'null'] },
    created_at: { type: 'string', format: 'date-time' },
  },
} as const

const EXTENSIONS: Readonly<Record<string, string>> = {
  'video/mp4': '.mp4',
  'video/quicktime': '.mov',
  'video/webm': '.webm',
  'video/x-matroska': '.mkv',
  'video/x-msvideo': '.avi',
  'video/mp2t': '.ts',
  'video/mpeg': '.mpg',
  'video/ogg': '.ogv',
  'audio/mp4': '.m4a',
  'audio/mpeg': '.mp3',
  'audio/webm': '.weba',
  'audio/ogg': '.ogg',
  'audio/wav': '.wav',
  'audio/flac': '.flac',
  'image/jpeg': '.jpg',
}

function extensionOf(contentType: string | null): string {
  return EXTENSIONS[contentType ?? ''] ?? ''
}
