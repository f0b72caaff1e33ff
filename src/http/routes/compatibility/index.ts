import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import type { OldApiDeps } from './old-api.ts'
import { oldRecorderRoutes } from './recorder-routes.ts'
import { sendVideoError } from './responses.ts'
import { oldVideoRoutes } from './video-routes.ts'

/**
 * The APIs of the two applications that Longtake replaces, below `/api`: a thin layer over uploads, recordings and videos. Their clients only
 * need another host, and they get the same videos as all other clients.
 */
export async function compatibilityRoutes(app: FastifyInstance, deps: OldApiDeps): Promise<void> {
  const { base } = deps
  // The routes read their bodies while they arrive.
  app.removeAllContentTypeParsers()
  // `readForm` has its own limits, which ignore files in unknown fields.
  await app.register(multipart, { throwFileSizeLimit: false })
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.setErrorHandler(sendVideoError)
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
        summary: 'Check whether the service is running',
        response: {
          200: {
            description: 'The service is running.',
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
  // This plugin has already added the prefix.
  const sub = { ...deps, prefix: '' }
  await app.register(oldVideoRoutes, sub)
  await app.register(oldRecorderRoutes, sub)
}
