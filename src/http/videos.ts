import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { type Schema, STEP_NAMES, type StepName, VIDEO_STATUSES } from '../database/schema.ts'
import { ApiError } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { validateText } from '../uploads/metadata.ts'
import { removeNoted } from '../videos/removals.ts'
import { retrySteps } from '../videos/steps.ts'
import { type ListQuery, listVideos, SORTS } from '../videos/video-list.ts'
import { deleteVideo, getVideo, updateVideo, type VideoChanges } from '../videos/videos.ts'
import { type ById, byId, problems } from './schemas.ts'
import { viewVideo } from './video-view.ts'

export interface VideoRouteParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  /** What links begin with. */
  readonly base: string
  /** Called after every commit that may have enqueued events. */
  readonly onCommit: () => void
  /** Called after a commit that has made steps due of which no event tells. */
  readonly onDue: () => void
}

const MAX_TITLE = 500
const MAX_DESCRIPTION = 10_000
const MAX_TRANSCRIPT = 2_000_000

const listQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    cursor: { type: 'string', maxLength: 4096, description: 'The `next_cursor` of the page before.' },
    sort: {
      type: 'string',
      enum: SORTS,
      default: '-created_at',
      description: 'With `-` the largest or latest first.',
    },
    status: { type: 'string', enum: VIDEO_STATUSES },
    q: {
      type: 'string',
      minLength: 1,
      maxLength: 500,
      description: 'Words in title, description and what was said.',
    },
  },
} as const

const changes = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    title: { type: 'string', minLength: 1, maxLength: MAX_TITLE, examples: ['Team meeting'] },
    description: { type: 'string', maxLength: MAX_DESCRIPTION },
    transcript: {
      type: 'string',
      maxLength: MAX_TRANSCRIPT,
      description: 'The whole text; words that stay keep their times.',
    },
  },
} as const

/** Finding, changing and deleting videos. */
export async function videoRoutes(app: FastifyInstance, parts: VideoRouteParts): Promise<void> {
  const { db, storage, base, onCommit, onDue } = parts
  const show = async (id: string) => viewVideo(await getVideo(db, id), base)

  app.get<{ Querystring: ListQuery }>(
    '/videos',
    {
      schema: {
        tags: ['videos'],
        summary: 'List videos',
        querystring: listQuery,
        response: {
          200: {
            type: 'object',
            required: ['items', 'next_cursor'],
            properties: {
              items: { type: 'array', items: { $ref: 'Video#' } },
              next_cursor: { type: ['string', 'null'], description: 'For the next page; null at the end.' },
            },
          },
          ...problems(400),
        },
      },
    },
    async request => {
      if (request.query.q) validateText('q', request.query.q, 500)
      const { items, nextCursor } = await listVideos(db, request.query)
      return { items: items.map(video => viewVideo(video, base)), next_cursor: nextCursor }
    },
  )

  app.get<ById>(
    '/videos/:id',
    {
      schema: {
        tags: ['videos'],
        summary: 'One video',
        params: byId,
        response: { 200: { $ref: 'Video#' }, ...problems(400, 404) },
      },
    },
    async request => show(request.params.id),
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route<ById & { Body: VideoChanges }>({
      method,
      url: '/videos/:id',
      bodyLimit: 4 * MAX_TRANSCRIPT,
      schema: {
        tags: ['videos'],
        summary: 'Change title, description or transcript',
        description: 'What is not given stays as it is.',
        params: byId,
        body: changes,
        response: { 200: { $ref: 'Video#' }, ...problems(400, 404, 413, 415) },
      },
      handler: async request => {
        const { title, description, transcript } = request.body
        if (title !== undefined) validateText('title', title, MAX_TITLE)
        if (title?.trim() === '')
          throw new ApiError(400, 'invalid_request', 'title must not be empty.', 'title')
        if (description !== undefined) validateText('description', description, MAX_DESCRIPTION)
        if (transcript !== undefined) validateText('transcript', transcript, MAX_TRANSCRIPT)
        await updateVideo(db, request.params.id, request.body)
        return show(request.params.id)
      },
    })
  }

  app.delete<ById>(
    '/videos/:id',
    {
      schema: {
        tags: ['videos'],
        summary: 'Delete a video',
        description: 'Its bytes, artifacts and pending work go with it.',
        params: byId,
        response: { 204: { type: 'null', description: 'It is gone.' }, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      await deleteVideo(db, request.params.id, request.id)
      onCommit()
      // What fails here, the sweeper does later.
      await removeNoted(db, storage).catch(err => request.log.warn({ err }, 'files are left to be removed'))
      return reply.code(204).send()
    },
  )

  app.post<ById & { Querystring: { step?: StepName } }>(
    '/videos/:id/retry',
    {
      schema: {
        tags: ['videos'],
        summary: 'Run failed steps again',
        description:
          'Also those that were skipped because a step before failed or a setting was missing. Does nothing where there are none. With `step` that one alone, also where it is done; what it made before stays until it is done again.',
        params: byId,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { step: { type: 'string', enum: STEP_NAMES } },
        },
        response: { 202: { $ref: 'Video#' }, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      await getVideo(db, request.params.id)
      await retrySteps(db, request.params.id, request.query.step)
      onDue()
      return reply.code(202).send(await show(request.params.id))
    },
  )
}
