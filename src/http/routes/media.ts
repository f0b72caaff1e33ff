import type { FastifyInstance } from 'fastify'
import type { LinkKind } from '../../access/signed-links.ts'
import type { Db } from '../../database/schema.ts'
import { getVideoRow, hasSource } from '../../videos/catalogue/videos.ts'
import { endWithVideo } from '../end-with-video.ts'
import { mediaHeaders, sendMedia } from '../media-response.ts'
import { stillUploading } from '../not-ready.ts'
import { type TypedApp, typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import type { VideoWatcher } from '../video-watcher.ts'
import { binPosterRoute, type StoredFileDeps } from './bin-poster.ts'
import {
  type FindFile,
  findArtifactFile,
  findAudioFile,
  findStreamFile,
  type MediaQuery,
  sourceFile,
} from './media-files.ts'

interface MediaDeps extends StoredFileDeps {
  readonly watcher: VideoWatcher
}

const binary = { type: 'string', format: 'binary' } as const
const peaks = {
  type: 'object',
  required: ['version', 'channels', 'sample_rate', 'samples_per_pixel', 'bits', 'length', 'data'],
  properties: {
    version: { type: 'integer', description: 'Version of the format.', examples: [2] },
    channels: { type: 'integer', description: 'Always 1: the channels are mixed.', examples: [1] },
    sample_rate: { type: 'integer', description: 'Samples per second.' },
    samples_per_pixel: { type: 'integer', description: 'Number of samples per pair in `data`.' },
    bits: { type: 'integer', description: 'Bits per number in `data`.', examples: [8] },
    length: { type: 'integer', description: 'Number of pairs in `data`.' },
    data: {
      type: 'array',
      items: { type: 'integer' },
      description: 'Pairs of the minimum and the maximum of the samples, each from -128 to 127.',
    },
  },
} as const
const audioQuery = {
  type: 'object',
  properties: {
    track: {
      type: 'integer',
      minimum: 0,
      maximum: 10_000,
      description: 'The `index` of an audio track in `streams`. Default: the selected audio track.',
    },
  },
} as const

interface MediaRoute {
  /** The last part of the path. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly find: FindFile
  /** Media type in the OpenAPI document. */
  readonly type?: string
  /** Schema of the whole content in the OpenAPI document. */
  readonly schema?: object
  readonly querystring?: object
  readonly signedLink?: LinkKind
}

/** The files of a video: the rendition, the source, the artifacts. */
export async function mediaRoutes(app: FastifyInstance, deps: MediaDeps): Promise<void> {
  for (const route of [...playableFiles(deps), ...pictureFiles(deps.db)]) addRoute(typed(app), deps, route)
  binPosterRoute(typed(app), deps)
}

function playableFiles({ db, storage }: MediaDeps): MediaRoute[] {
  return [
    {
      path: 'stream',
      operationId: 'getStream',
      summary: 'Play the video',
      find: findStreamFile(db, storage),
      signedLink: 'stream',
    },
    {
      path: 'source',
      operationId: 'getSource',
      summary: 'Download the uploaded file',
      find: video => sourceFile(video, 'attachment'),
      signedLink: 'source',
    },
    {
      path: 'audio',
      operationId: 'getAudio',
      summary: 'Download the audio',
      find: findAudioFile(db),
      querystring: audioQuery,
      signedLink: 'audio',
    },
  ]
}

function pictureFiles(db: Db): MediaRoute[] {
  return [
    {
      path: 'poster',
      operationId: 'getPoster',
      summary: 'Get the poster',
      find: findArtifactFile(db, ['poster'], 'inline', 'The poster'),
      type: 'image/jpeg',
      signedLink: 'poster',
    },
    {
      path: 'poster/small',
      operationId: 'getSmallPoster',
      summary: 'Get the poster in a small size for lists',
      find: findArtifactFile(db, ['poster_small', 'poster'], 'inline', 'The poster'),
      type: 'image/jpeg',
      signedLink: 'poster',
    },
    {
      path: 'storyboard.jpg',
      operationId: 'getStoryboard',
      summary: 'Get the storyboard: thumbnails for the seek bar in one image',
      find: findArtifactFile(db, ['storyboard'], 'inline', 'The storyboard'),
      type: 'image/jpeg',
      signedLink: 'storyboard',
    },
    {
      path: 'storyboard.vtt',
      operationId: 'getStoryboardCues',
      summary: 'Get the position of each thumbnail in the storyboard, as WebVTT',
      find: findArtifactFile(db, ['storyboard_vtt'], 'inline', 'The storyboard'),
      type: 'text/vtt',
      schema: { type: 'string' },
      signedLink: 'storyboard',
    },
    {
      path: 'peaks.json',
      operationId: 'getPeaks',
      summary: "Get the waveform in the JSON format of BBC's audiowaveform",
      find: findArtifactFile(db, ['peaks'], 'inline', 'The waveform'),
      type: 'application/json',
      schema: peaks,
    },
  ]
}

function addRoute(
  app: TypedApp,
  { db, storage, watcher, accelRedirect, redirects }: MediaDeps,
  route: MediaRoute,
): void {
  const { path, operationId, summary, find, type = 'application/octet-stream', schema = binary } = route
  const { signedLink, querystring } = route
  app.get(
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
            description: 'The requested range, or several ranges as a multipart body.',
            content: {
              [type]: { schema: binary },
              'multipart/byteranges': { schema: binary },
            },
          },
          302: {
            type: 'null',
            description: 'With `STORAGE_REDIRECT=on`: the file is at the URL in `Location`.',
          },
          304: { type: 'null', description: 'Not modified.' },
          ...problems(400, 404, 412, 416),
        },
      },
    },
    async (request, reply) => {
      const video = await getVideoRow(db, request.params.id)
      if (!hasSource(video)) throw stillUploading(reply)
      endWithVideo(reply, video, watcher)
      const file = await find(video, reply, request.query as MediaQuery)
      return sendMedia(request, reply, { storage, accelRedirect, redirects, ...file })
    },
  )
}
