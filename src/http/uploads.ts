import type { Server } from '@tus/server'
import type { FastifyInstance } from 'fastify'

/** How long a body may pause, in milliseconds; the bytes that came are kept and the client can resume. */
const IDLE_LIMIT = 60_000

/** tus 1.0.0 at `/uploads`. The tus server reads and answers the raw request: Fastify routes, logs and steps aside. */
export async function uploadRoutes(app: FastifyInstance, { tus }: { tus: Server }): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  for (const url of ['/uploads', '/uploads/:id']) {
    app.route({
      method: ['POST', 'PATCH', 'HEAD', 'DELETE', 'OPTIONS'],
      url,
      schema: { hide: true },
      handler: async (request, reply) => {
        const { raw } = request
        // @tus/server refuses what it does not know, though it is not told to heed it: a proxy may send `https,http`.
        delete raw.headers['x-forwarded-proto']
        raw.headers[REQUEST_ID] = request.id
        raw.socket.setTimeout(IDLE_LIMIT, () => raw.destroy(new Error('the body paused for too long')))
        reply.hijack()
        reply.raw.setHeader('Vary', 'Origin')
        await tus.handle(raw, reply.raw)
        raw.socket?.setTimeout(0)
      },
    })
  }
}

/** Carries the request's id into the tus server's hooks, which see headers only; a client's own is overwritten. */
export const REQUEST_ID = 'longtake-request-id'
