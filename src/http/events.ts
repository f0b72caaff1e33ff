import type { FastifyInstance } from 'fastify'
import type { Db } from '../database/schema.ts'
import { findVideo, getVideo } from '../videos/videos.ts'
import { type ById, byId, problems } from './schemas.ts'
import { viewVideo } from './video-view.ts'
import type { VideoWatcher } from './video-watcher.ts'

/** Comments that keep proxies from closing a quiet stream, in milliseconds. */
const KEEP_ALIVE = 15_000

/** Server-sent events (HTML, §9.2): `video` with the video as JSON, at connect and after each change; `deleted` at its end. */
export async function eventRoutes(
  app: FastifyInstance,
  { db, watcher, base }: { db: Db; watcher: VideoWatcher; base: string },
): Promise<void> {
  const open = new Set<() => void>()
  // Otherwise a stream that is listened to would hold up the end of the server.
  app.addHook('preClose', async () => {
    for (const end of open) end()
  })

  app.get<ById>(
    '/videos/:id/events',
    {
      schema: {
        tags: ['videos'],
        summary: 'Follow a video',
        description:
          'Server-sent events: `video` with the whole video at connect and after each change, `deleted` when it is gone.',
        params: byId,
        produces: ['text/event-stream'],
        response: { 200: { type: 'string', description: 'An endless stream.' }, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const first = viewVideo(await getVideo(db, id), base)
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        ...(reply.getHeaders() as Record<string, string>),
      })
      if (request.method === 'HEAD') return void raw.end()
      const send = (event: string, data: unknown) =>
        raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      let last = JSON.stringify(first)
      send('video', first)

      let sending = Promise.resolve()
      const update = () => {
        const next = sending.then(async () => {
          // A client that reads slowly misses the states in between, not the latest.
          if (raw.writableNeedDrain || raw.writableEnded) return
          const video = await findVideo(db, id)
          if (!video) {
            send('deleted', { id })
            return end()
          }
          const view = viewVideo(video, base)
          const text = JSON.stringify(view)
          if (text !== last) send('video', view)
          last = text
        })
        // Where the database cannot be asked now, the next change tells all.
        sending = next.catch(err => request.log.warn({ err }, 'a change could not be told'))
      }
      const stopWatching = watcher.watch(id, update)
      raw.on('drain', update)
      const keepAlive = setInterval(() => raw.write(': still here\n\n'), KEEP_ALIVE)
      const end = () => {
        clearInterval(keepAlive)
        stopWatching()
        open.delete(end)
        raw.end()
      }
      open.add(end)
      raw.on('close', end)
    },
  )
}
