import type { FastifyInstance, FastifyReply } from 'fastify'
import type { LinkKind } from '../../access/signed-links.ts'
import { notFound } from '../../base/errors.ts'
import { extensionOf, playsInBrowsers } from '../../base/media-types.ts'
import type { Db } from '../../database/schema.ts'
import type { ArtifactKind } from '../../database/tables/videos.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import {
  type ArtifactRow,
  artifactVersion,
  findArtifact,
  firstArtifact,
} from '../../videos/catalogue/artifacts.ts'
import { getVideoRow, hasSource, type SourceRow } from '../../videos/catalogue/videos.ts'
import { makerOf } from '../../videos/pipeline/pipeline.ts'
import { endWithVideo } from '../end-with-video.ts'
import { type Media, mediaHeaders, sendMedia } from '../media-response.ts'
import { absentResult, stillUploading } from '../not-ready.ts'
import { PlayedFiles } from '../played-file.ts'
import { type ById, byId, problems } from '../schemas.ts'
import type { VideoWatcher } from '../video-watcher.ts'

interface MediaParts {
  readonly db: Db
  readonly storage: ObjectStorage
  readonly watcher: VideoWatcher
  readonly accelRedirect: string | undefined
}

const binary = { type: 'string', format: 'binary' } as const
const peaks = {
  type: 'object',
  required: ['sample_rate', 'samples_per_pixel', 'length', 'data'],
  properties: {
    sample_rate: { type: 'integer' },
    samples_per_pixel: { type: 'integer' },
    length: { type: 'integer', description: 'Pairs in `data`.' },
    data: { type: 'array', items: { type: 'integer' }, description: 'The least and the greatest of each.' },
  },
} as const

type Found = Omit<Media, 'storage' | 'accelRedirect'>

interface MediaQuery {
  /** Of the address: see `artifactVersion`. */
  readonly v?: string
  readonly track?: number
}

/** Of what type a file is, and what its address may say. */
interface Served {
  readonly type?: string
  readonly signedLink?: LinkKind
  readonly schema?: object
  readonly querystring?: object
}

const audioQuery = {
  type: 'object',
  properties: {
    track: {
      type: 'integer',
      minimum: 0,
      maximum: 10_000,
      description: 'The `index` of one of the video’s `streams`. Default: the selected sound.',
    },
  },
} as const

/** The bytes of a video: what plays, the source, the artifacts. */
export async function mediaRoutes(
  app: FastifyInstance,
  { db, storage, watcher, accelRedirect }: MediaParts,
): Promise<void> {
  const serve = (
    path: string,
    operationId: string,
    summary: string,
    find: (video: SourceRow, reply: FastifyReply, query: MediaQuery) => Found | Promise<Found>,
    { type = 'application/octet-stream', schema = binary, querystring, signedLink }: Served = {},
  ) =>
    app.get<ById & { Querystring: MediaQuery }>(
      `/videos/:id/${path}`,
      {
        config: { access: 'read', owned: 'videos', ...(signedLink && { signedLink }) },
        schema: {
          tags: ['media'],
          operationId,
          summary,
          params: byId,
          ...(querystring && { querystring }),
          headers: mediaHeaders,
          response: {
            200: { description: 'The whole file.', content: { [type]: { schema } } },
            206: {
              description: 'The requested range, or several ranges as parts.',
              content: {
                [type]: { schema: binary },
                'multipart/byteranges': { schema: binary },
              },
            },
            304: { type: 'null', description: 'Not modified.' },
            ...problems(400, 404, 412, 416),
          },
        },
      },
      async (request, reply) => {
        const video = await getVideoRow(db, request.params.id)
        if (!hasSource(video)) throw stillUploading(reply)
        endWithVideo(reply, video.id, db, watcher)
        const found = await find(video, reply, request.query)
        return sendMedia(request, reply, { storage, accelRedirect, ...found })
      },
    )

  const source = (video: SourceRow, disposition: Media['disposition']) => ({
    key: video.storage_key,
    contentType: video.content_type ?? 'application/octet-stream',
    disposition,
    filename: video.filename ?? `${video.title}${extensionOf(video.content_type)}`,
    lastModified: video.created_at,
    sha256: video.sha256,
  })
  const asMedia = (
    video: SourceRow,
    found: ArtifactRow,
    disposition: Media['disposition'],
    version?: string,
  ) => {
    return {
      key: found.storage_key,
      contentType: found.content_type,
      disposition,
      filename: `${video.title}${extensionOf(found.content_type)}`,
      lastModified: found.created_at,
      // Those that were made by older versions have none.
      sha256: (found.details as { sha256?: string }).sha256 ?? null,
      isVersioned: version === artifactVersion(found),
    }
  }
  const artifact =
    (kinds: readonly [ArtifactKind, ...ArtifactKind[]], disposition: Media['disposition'], what: string) =>
    async (video: SourceRow, reply: FastifyReply, query?: MediaQuery) => {
      const found = await firstArtifact(db, video.id, kinds)
      if (found) return asMedia(video, found, disposition, query?.v)
      throw await absentResult(db, reply, { videoId: video.id, step: makerOf(kinds[0]), what })
    }
  const played = new PlayedFiles(db, storage)
  /** The source is shown if it is of a type that a browser plays; else it is a download. */
  const stream = async (video: SourceRow, reply: FastifyReply) => {
    const rendition = await played.find(video, reply)
    if (rendition) return asMedia(video, rendition, 'inline')
    return source(video, playsInBrowsers(video.content_type) ? 'inline' : 'attachment')
  }
  // Videos from before the download was made have the audio for speech-to-text.
  const selected = artifact(['audio_download', 'audio'], 'attachment', 'The audio')
  const audio = async (video: SourceRow, reply: FastifyReply, { track }: MediaQuery) => {
    const stream = video.streams.find(({ index }) => index === track)
    const isAudio = stream?.kind === 'audio'
    if (track === undefined || (isAudio && stream.selected)) return selected(video, reply)
    const found = await findArtifact(db, video.id, 'audio_track', String(track))
    if (found) return asMedia(video, found, 'attachment')
    const what = `The audio of track ${track}`
    throw isAudio ? await absentResult(db, reply, { videoId: video.id, step: 'audio', what }) : notFound(what)
  }

  serve('stream', 'getStream', 'Play the video', stream, { signedLink: 'stream' })
  serve('source', 'getSource', 'Download the uploaded file', video => source(video, 'attachment'), {
    signedLink: 'source',
  })
  serve('audio', 'getAudio', 'Download the audio', audio, { querystring: audioQuery, signedLink: 'audio' })
  const jpeg = { type: 'image/jpeg' }
  const poster = { ...jpeg, signedLink: 'poster' } as const
  serve('poster', 'getPoster', 'Show the poster', artifact(['poster'], 'inline', 'The poster'), poster)
  const small = artifact(['poster_small', 'poster'], 'inline', 'The poster')
  serve('poster/small', 'getSmallPoster', 'Show the poster in a size for lists', small, poster)
  const sheet = artifact(['storyboard'], 'inline', 'The storyboard')
  serve('storyboard.jpg', 'getStoryboard', 'Thumbnails for the seek bar, on one sheet', sheet, {
    ...jpeg,
    signedLink: 'storyboard',
  })
  serve(
    'storyboard.vtt',
    'getStoryboardCues',
    'The position of each thumbnail on the sheet, as WebVTT',
    artifact(['storyboard_vtt'], 'inline', 'The storyboard'),
    { type: 'text/vtt', schema: { type: 'string' }, signedLink: 'storyboard' },
  )
  serve(
    'peaks.json',
    'getPeaks',
    "The waveform, in the JSON format of BBC's audiowaveform",
    artifact(['peaks'], 'inline', 'The waveform'),
    { type: 'application/json', schema: peaks },
  )
}
