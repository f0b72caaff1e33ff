import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ShareCounts } from '../../access/share-counts.ts'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { getVideo } from '../../videos/catalogue/videos.ts'
import { typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import type { VideoWatcher } from '../video-watcher.ts'
import { EventStream } from './event-stream.ts'
import { SHARES, Shares } from './shares.ts'

/** Maximum number of open streams in this process. */
const MAX_STREAMS = 2000

export interface EventRouteDeps {
  readonly db: Db
  readonly watcher: VideoWatcher
  readonly shareCounts: ShareCounts
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

/**
 * Server-sent events (HTML, §9.2): `video` contains the video as JSON and is sent at once and after each change; `deleted` is the last event.
 * The id of an event is the version of the video. With `Last-Event-ID`, a client that reconnects gets only later versions.
 */
export async function eventRoutes(app: FastifyInstance, deps: EventRouteDeps): Promise<void> {
  const open = new Set<EventStream>()
  const shares = new Shares(SHARES.streams, deps.shareCounts)
  // Otherwise open streams would delay the stop of the server.
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end()
  })

  typed(app).get(
    '/videos/:id/events',
    {
      config: { access: 'read', owned: 'videos', signedLink: 'events' },
      schema: {
        tags: ['videos'],
        operationId: 'followVideo',
        summary: 'Follow the changes of a video',
        description:
          'Server-sent events. `video` contains the whole video and is sent at once and after each change; `deleted` is sent when the video is deleted. ' +
          'With `Last-Event-ID`, the first event is sent only if the video has changed since that event.',
        params: byId,
        headers: {
          type: 'object',
          properties: {
            'last-event-id': { type: 'string', description: 'The id of the last received event.' },
          },
        },
        produces: ['text/event-stream'],
        response: {
          200: { type: 'string', description: 'An endless stream.' },
          ...problems(400, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const video = await getVideo(deps.db, request.params.id)
      await shares.take(request, reply)
      if (open.size >= MAX_STREAMS)
        throw new ApiError(503, 'too_many_streams', 'Too many event streams are open. Try again later.')
      sendHeaders(reply)
      if (request.method === 'HEAD' || reply.raw.destroyed) return void reply.raw.end()
      const stream = new EventStream(deps, reply.raw, {
        isPermitted: async () => !(await request.checkCredential()),
        log: request.log,
      })
      open.add(stream)
      reply.raw.on('close', () => open.delete(stream))
      request.endStream = () => stream.end()
      stream.start(video, request.headers['last-event-id'])
    },
  )
}

function sendHeaders(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Otherwise nginx would delay events until its buffer is full.
    'x-accel-buffering': 'no',
    ...(reply.getHeaders() as Record<string, string>),
  })
}
