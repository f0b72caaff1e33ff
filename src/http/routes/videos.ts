import type { FastifyInstance } from 'fastify'
import type { Signal } from '../../base/signal.ts'
import { STEP_NAMES } from '../../database/tables/steps.ts'
import { getVideo } from '../../videos/catalogue/videos.ts'
import { retrySteps } from '../../videos/pipeline/retry.ts'
import { isNotModified } from '../conditional.ts'
import { type TypedApp, typed } from '../schema-types.ts'
import { byId, ifNoneMatch, problems } from '../schemas.ts'
import { listTagsRoute } from './list-tags.ts'
import { type ListVideosDeps, listVideosRoute } from './list-videos.ts'
import { showTagged } from './tagged-video.ts'

export interface VideoRouteDeps extends ListVideosDeps {
  readonly signal: Signal
}

/** Lists and reads videos, and retries their failed steps. */
export async function videoRoutes(app: FastifyInstance, deps: VideoRouteDeps): Promise<void> {
  listVideosRoute(typed(app), deps)
  listTagsRoute(typed(app), deps)
  getVideoRoute(typed(app), deps)
  retryRoute(typed(app), deps)
}

function getVideoRoute(app: TypedApp, deps: VideoRouteDeps): void {
  app.get(
    '/videos/:id',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'getVideo',
        summary: 'Get a video',
        description:
          'Use the ETag of the response for If-None-Match, and for If-Match when you change the video. If-Match is true until a person changes the video; processing does not affect it.',
        params: byId,
        headers: ifNoneMatch,
        response: {
          200: { $ref: 'Video#' },
          304: { type: 'null', description: 'Not modified.' },
          ...problems(400, 404, 412),
        },
      },
    },
    async (request, reply) => {
      const { etag, view } = await showTagged(deps, reply, request.params.id)
      return isNotModified(request.headers, { etag }) ? reply.code(304).send() : view
    },
  )
}

function retryRoute(app: TypedApp, deps: VideoRouteDeps): void {
  const { db, signal } = deps
  app.post(
    '/videos/:id/retry',
    {
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'retryVideo',
        summary: 'Retry failed steps',
        description:
          'Runs failed steps again, and steps that were skipped because an earlier step failed or a setting was missing. ' +
          'With `step`, runs only that step again, even if it is done. Its earlier result remains until the new one is ready.',
        params: byId,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            step: { type: 'string', enum: STEP_NAMES, description: 'The only step to run again.' },
          },
        } as const,
        response: { 202: { $ref: 'Video#' }, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await getVideo(db, id)
      await retrySteps(db, id, request.query.step)
      signal.emit('steps')
      return reply.code(202).send((await showTagged(deps, reply, id)).view)
    },
  )
}
