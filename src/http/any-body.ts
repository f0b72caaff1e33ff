import type { FastifyInstance } from 'fastify'
import { mediaTypeOf } from '../base/header-fields.ts'

/** Lets the routes of a scope read the body themselves, whatever its `Content-Type` says, and also if that is no media type. */
export function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.addHook('onRequest', async request => {
    if (mediaTypeOf(request.headers['content-type'])) return
    // Fastify would refuse it with 415. The raw request keeps what the client sent.
    request.headers = { ...request.headers, 'content-type': 'application/octet-stream' }
  })
}
