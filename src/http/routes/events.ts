import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { findVideo, getVideo, versionOf } from '../../videos/catalogue/videos.ts'
import { type ById, byId, problems } from '../schemas.ts'
import type { VideoWatcher } from '../video-watcher.ts'
import { SHARES, Shares } from './shares.ts'
import { viewVideo } from './video-view.ts'

/** Comments that keep proxies from closing a quiet stream, in milliseconds. */
const KEEP_ALIVE_MS = 15_000
/** Streams at once, in this process. */
const MAX_STREAMS = 2000

/**
 * Server-sent events (HTML, §9.2): `video` with the video as JSON, at connect and after each change; `deleted` at its end. An event's id is
 * the version of the video: who comes back with the latest (`Last-Event-ID`) is told of what changes from then on.
 */
export async function eventRoutes(
  app: FastifyInstance,
  { db, watcher, base }: { db: Db; watcher: VideoWatcher; base: string },
): Promise<void> {
  const open = new Set<() => void>()
  const shares = new Shares(SHARES.streams)
  // Otherwise a stream that is listened to would hold up the end of the server.
  app.addHook('preClose', async () => {
    for (const end of open) end()
  })

  app.get<ById>(
    '/videos/:id/events',
    {
      config: { access: 'read', owned: 'videos', signedLink: 'events' },
      schema: {
        tags: ['videos'],
        operationId: 'followVideo',
        summary: 'Follow a video',
        description:
          'Server-sent events: `video` with the whole video at connect and after each change, `deleted` when it is gone. ' +
          'With `Last-Event-ID` the first comes only where the video has changed since.',
        params: byId,
        headers: { type: 'object', properties: { 'last-event-id': { type: 'string' } } },
        produces: ['text/event-stream'],
        response: {
          200: { type: 'string', description: 'An endless stream.' },
          ...problems(400, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const known = await getVideo(db, id)
      if (open.size >= MAX_STREAMS)
        throw new ApiError(503, 'too_many_streams', 'Too many follow videos now: try again later.')
      shares.take(request, reply)
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        ...(reply.getHeaders() as Record<string, string>),
      })
      if (request.method === 'HEAD') return void raw.end()
      const send = (event: string, data: string, version?: string) =>
        raw.write(`${version === undefined ? '' : `id: ${version}\n`}event: ${event}\ndata: ${data}\n\n`)
      let last = JSON.stringify(viewVideo(known, base))
      // The headers alone may wait for a first byte in a proxy.
      if (request.headers['last-event-id'] === versionOf(known)) raw.write(': nothing new\n\n')
      else send('video', last, versionOf(known))

      let sending = Promise.resolve()
      const update = () => {
        const next = sending.then(async () => {
          // A client that reads slowly misses the states in between, not the latest.
          if (raw.writableNeedDrain || raw.writableEnded) return
          const video = await findVideo(db, id)
          if (await request.checkCredential()) return end()
          if (!video) {
            send('deleted', JSON.stringify({ id }))
            return end()
          }
          const text = JSON.stringify(viewVideo(video, base))
          if (text !== last) send('video', text, versionOf(video))
          last = text
        })
        // Where the database cannot be asked now, the next change tells all.
        sending = next.catch(err => request.log.warn({ err }, 'a change could not be told'))
      }
      const stopWatching = watcher.watch(id, update)
      raw.on('drain', update)
      const keepAlive = setInterval(() => {
        if (!raw.writableNeedDrain) raw.write(': still here\n\n')
      }, KEEP_ALIVE_MS)
      const end = () => {
        clearInterval(keepAlive)
        stopWatching()
        open.delete(end)
        raw.end()
      }
      open.add(end)
      request.endStream = end
      raw.on('close', end)
    },
  )
}
