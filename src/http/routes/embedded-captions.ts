import type { FastifyInstance } from 'fastify'
import type { Db } from '../../database/schema.ts'
import type { StreamFacts } from '../../database/tables/videos.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { findArtifact } from '../../videos/catalogue/artifacts.ts'
import { getVideo, getVideoRow, type Video } from '../../videos/catalogue/videos.ts'
import {
  chaptersToVtt,
  EMBEDDED_FORMATS,
  isTextSubtitle,
  type StoredCue,
} from '../../videos/transcripts/embedded-captions.ts'
import { mediaHeaders, sendText } from '../media-response.ts'
import { absentResult } from '../not-ready.ts'
import { type FromSchema, namesOf, type TypedApp, typed } from '../schema-types.ts'
import { byId, nullable, problems, textResponses } from '../schemas.ts'

const captionsProperties = {
  source: {
    type: 'string',
    enum: ['transcript', 'embedded'],
    description: '`transcript`, or `embedded` for a subtitle track of the uploaded file.',
  },
  track: {
    ...nullable('integer'),
    description: 'The `index` of the subtitle track in `streams`; null for the transcript.',
  },
  codec: { ...nullable('string'), examples: ['subrip'] },
  language: { ...nullable('string'), examples: ['eng'] },
  title: { ...nullable('string'), examples: ['For the hard of hearing'] },
  default: { type: 'boolean', description: 'Whether the file marks it as the default.' },
  forced: { type: 'boolean', description: 'Whether players should always show it.' },
  vtt: {
    ...nullable('string'),
    description: 'URL of the WebVTT file. Null if the subtitles are images or cannot be read.',
  },
  srt: { ...nullable('string'), description: 'URL of the SubRip file. Null as for `vtt`.' },
} as const

const captionsSchema = {
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: { type: 'object', required: namesOf(captionsProperties), properties: captionsProperties },
    },
  },
} as const

const byFile = {
  ...byId,
  required: ['id', 'file'],
  properties: {
    ...byId.properties,
    file: {
      type: 'string',
      pattern: '^(0|[1-9][0-9]{0,4})\\.(vtt|srt)$',
      description: 'The `index` of the subtitle track in `streams`, and the format: `.vtt` or `.srt`.',
      examples: ['2.vtt'],
    },
  },
} as const

export interface EmbeddedCaptionsDeps {
  readonly db: Db
  readonly storage: ObjectStorage
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

/** The subtitles and chapters that the uploaded file contains. */
export async function embeddedCaptionRoutes(app: FastifyInstance, deps: EmbeddedCaptionsDeps): Promise<void> {
  listRoute(typed(app), deps)
  captionsRoute(typed(app), deps)
  chaptersRoute(typed(app), deps)
}

function listRoute(app: TypedApp, { db, base }: EmbeddedCaptionsDeps): void {
  app.get(
    '/videos/:id/captions',
    {
      config: { access: 'read', owned: 'videos', signedLink: 'captions' },
      schema: {
        tags: ['transcripts'],
        operationId: 'listCaptions',
        summary: 'List all captions',
        description:
          'The captions of the transcript and the subtitle tracks of the uploaded file. With a signed link of the kind `captions`, the links in the response are signed too.',
        params: byId,
        response: { 200: captionsSchema, ...problems(400, 404) },
      },
    },
    async request => {
      const video = await getVideo(db, request.params.id)
      const { search } = new URL(request.url, 'http://localhost')
      return { items: listCaptions(video, path => `${base}/videos/${video.id}/${path}${search}`) }
    },
  )
}

function captionsRoute(app: TypedApp, { db, storage }: EmbeddedCaptionsDeps): void {
  app.get(
    '/videos/:id/captions/:file',
    {
      config: { access: 'read', owned: 'videos', signedLink: 'captions' },
      schema: {
        tags: ['transcripts'],
        operationId: 'getCaptions',
        summary: 'Get a subtitle track of the file as WebVTT or SubRip',
        params: byFile,
        headers: mediaHeaders,
        response: textResponses(...Object.values(EMBEDDED_FORMATS).map(({ contentType }) => contentType)),
      },
    },
    async (request, reply) => {
      const { id, file } = request.params
      const [track = '', format] = file.split('.') as [string, keyof typeof EMBEDDED_FORMATS]
      await getVideoRow(db, id)
      const artifact = await findArtifact(db, id, 'captions', track)
      if (!artifact) throw await absentResult(db, reply, { videoId: id, step: 'probe', what: 'The subtitle' })
      const cues = JSON.parse(await textOf(storage, artifact.storage_key)) as StoredCue[]
      const { contentType, render } = EMBEDDED_FORMATS[format]
      return sendText(request, reply, {
        text: render(cues),
        contentType: `${contentType}; charset=utf-8`,
        disposition: 'inline',
        filename: `captions-${file}`,
        lastModified: artifact.created_at,
      })
    },
  )
}

function chaptersRoute(app: TypedApp, { db }: EmbeddedCaptionsDeps): void {
  app.get(
    '/videos/:id/chapters.vtt',
    {
      config: { access: 'read', owned: 'videos', signedLink: 'captions' },
      schema: {
        tags: ['media'],
        operationId: 'getChapters',
        summary: 'Get the chapters of the file as WebVTT',
        params: byId,
        headers: mediaHeaders,
        response: textResponses('text/vtt'),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { chapters, created_at } = await getVideoRow(db, id)
      if (chapters.length === 0)
        throw await absentResult(db, reply, { videoId: id, step: 'probe', what: 'The list of chapters' })
      return sendText(request, reply, {
        text: chaptersToVtt(chapters),
        contentType: 'text/vtt; charset=utf-8',
        disposition: 'inline',
        filename: 'chapters.vtt',
        lastModified: created_at,
      })
    },
  )
}

/** Reads a small file. The step `probe` limits the size of these files. */
async function textOf(storage: ObjectStorage, key: string): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of await storage.read(key)) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** The captions of a video. @param link converts a path below the video's to a URL. */
function listCaptions(
  { transcript, language, streams, artifacts }: Video,
  link: (path: string) => string,
): FromSchema<typeof captionsSchema>['items'] {
  const none = { track: null, codec: null, title: null, default: false, forced: false }
  const spoken = transcript && {
    ...none,
    source: 'transcript' as const,
    language: transcript.language ?? language,
    vtt: link('captions.vtt'),
    srt: link('captions.srt'),
  }
  const readable = new Set(
    artifacts.filter(({ kind }) => kind === 'captions').map(({ variant }) => Number(variant)),
  )
  const embedded = streams
    .filter(({ kind }) => kind === 'subtitle')
    .map((stream: StreamFacts) => {
      const isText = isTextSubtitle(stream) && readable.has(stream.index)
      return {
        source: 'embedded' as const,
        track: stream.index,
        codec: stream.codec,
        language: stream.language,
        title: stream.title,
        default: stream.default,
        forced: stream.forced,
        vtt: isText ? link(`captions/${stream.index}.vtt`) : null,
        srt: isText ? link(`captions/${stream.index}.srt`) : null,
      }
    })
  return [...(spoken ? [spoken] : []), ...embedded]
}
