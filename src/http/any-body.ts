import type { FastifyInstance } from 'fastify'
import { mediaTypeOf } from '../base/header-fields.ts'

/** Lets the routes of a scope read their bodies themselves, whatever the `Content-Type` is, even if it is not a valid media type. */
export function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.addHook('onRequest', async request => {
    if (mediaTypeOf(request.headers['content-type'])) return
    // Otherwise Fastify would respond with 415. The raw request keeps the client's header.
    request.headers = { ...request.headers, 'content-type': 'application/octet-stream' }
  })
}
