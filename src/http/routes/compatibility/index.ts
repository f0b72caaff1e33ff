import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { answerVideoError } from './answers.ts'
import type { OldApiParts } from './old-api.ts'
import { oldRecorderRoutes } from './recorder-routes.ts'
import { oldVideoRoutes } from './video-routes.ts'

/**
 * The APIs of the two applications that Longtake replaces, below `/api`. A thin layer over uploads, recordings and videos: their clients
 * need to change nothing but the host, and see the same videos as everybody else.
 */
export async function compatibilityRoutes(app: FastifyInstance, parts: OldApiParts): Promise<void> {
  const { base } = parts
  // Bodies are read by the routes while they arrive.
  app.removeAllContentTypeParsers()
  // `readForm` has limits of its own; a file that nobody asked for does not count.
  await app.register(multipart, { throwFileSizeLimit: false })
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.setErrorHandler(answerVideoError)
  app.setNotFoundHandler(({ method, url }) => {
    throw new ApiError(404, 'not_found', `There is nothing at ${method} ${url.split('?')[0]!.slice(0, 200)}.`)
  })

  app.get(
    '/status',
    {
      config: { access: 'public', host: 'any' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldStatus',
        summary: 'Whether the service is there',
        response: {
          200: {
            description: 'It is.',
            type: 'object',
            required: ['status'],
            properties: { status: { type: 'string', enum: ['ok'] } },
          },
        },
      },
    },
    async () => ({ status: 'ok' }) as const,
  )
  for (const path of ['/swagger', '/redoc'])
    app.get(path, { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply.redirect(`${base}/docs/`),
    )
  // Their paths begin where this plugin's do.
  const sub = { ...parts, prefix: '' }
  await app.register(oldVideoRoutes, sub)
  await app.register(oldRecorderRoutes, sub)
}
