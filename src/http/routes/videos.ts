import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { MAX_TAG_LENGTH } from '../../base/limits.ts'
import type { Signal } from '../../base/signal.ts'
import { validateText } from '../../base/texts.ts'
import type { Schema } from '../../database/schema.ts'
import { STEP_NAMES, type StepName } from '../../database/tables/steps.ts'
import { VIDEO_STATUSES, type VideoStatus } from '../../database/tables/videos.ts'
import { type ListQuery, SORTS } from '../../videos/catalogue/list-query.ts'
import { listVideos } from '../../videos/catalogue/video-list.ts'
import { getVideo } from '../../videos/catalogue/videos.ts'
import { retrySteps } from '../../videos/pipeline/retry.ts'
import { isNotModified } from '../conditional.ts'
import { type ById, byId, ifNoneMatch, problems } from '../schemas.ts'
import { viewListed } from './listed-video.ts'
import { SHARES, Shares } from './shares.ts'
import { showTagged } from './tagged-video.ts'

export interface VideoRouteParts {
  readonly db: Kysely<Schema>
  /** Beginning of all links. */
  readonly base: string
  readonly signal: Signal
}

const MAX_QUERY_LENGTH = 500
const listQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    cursor: { type: 'string', maxLength: 4096, description: 'The `next_cursor` of the page before.' },
    sort: {
      type: 'string',
      enum: SORTS,
      description:
        'With `-` the largest or latest first. Without it what `q` finds comes best first, and everything else latest first.',
    },
    transcript: {
      type: 'boolean',
      default: true,
      description:
        'False leaves the text of what was said out: `transcript` is null then. A page of long talks weighs megabytes with it.',
    },
    status: {
      type: 'array',
      // In an address: separated by commas.
      style: 'form',
      explode: false,
      minItems: 1,
      maxItems: 10,
      items: { type: 'string', enum: VIDEO_STATUSES },
      description:
        'Separated by commas. Without it the list has all videos except those with the status `uploading`.',
      examples: [['uploading', 'processing']],
    },
    tag: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_TAG_LENGTH,
      description: 'Videos that have this tag.',
    },
    created_after: { type: 'string', format: 'date-time', examples: ['2026-01-31T12:00:00Z'] },
    created_before: { type: 'string', format: 'date-time', examples: ['2026-01-31T12:00:00Z'] },
    q: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_QUERY_LENGTH,
      description:
        'Words in title, description and what was said, that all have to be there: `"a phrase"`, `-without`, `or`, `begin*` (three letters at least). Words with the same stem count too, by the language of the video. Of more than 400 videos that match, the newest 400 are found, and 200 more by title and description.',
    },
  },
} as const

/** The form is checked by the schema; this is about what PostgreSQL has no time for, such as year 0. */
function requireTime(name: string, value: string | undefined): void {
  if (value === undefined) return
  const year = new Date(value).getUTCFullYear()
  if (!(year >= 1 && year <= 9999) || value.startsWith('0000'))
    throw new ApiError(400, 'invalid_request', `${name} is no time between the years 1 and 9999.`, name)
}

/** The members of a list in an address: `?status=ready,failed`, or several times `status`. */
function splitList(value: unknown): VideoStatus[] {
  return [value].flat().flatMap(text => String(text).split(',')) as VideoStatus[]
}

/** Finding videos, and running their failed steps again. */
export async function videoRoutes(app: FastifyInstance, parts: VideoRouteParts): Promise<void> {
  const { db, base, signal } = parts
  const searches = new Shares(SHARES.searches)

  app.get<{ Querystring: ListQuery & { transcript: boolean; status?: VideoStatus[] } }>(
    '/videos',
    {
      config: { access: 'read' },
      preValidation: async ({ query }) => {
        if (query.status !== undefined) query.status = splitList(query.status)
      },
      schema: {
        tags: ['videos'],
        operationId: 'listVideos',
        summary: 'List videos',
        querystring: listQuery,
        response: {
          200: {
            type: 'object',
            required: ['items', 'next_cursor'],
            properties: {
              items: { type: 'array', items: { $ref: 'ListedVideo#' } },
              next_cursor: { type: ['string', 'null'], description: 'For the next page; null at the end.' },
            },
          },
          ...problems(400, 429),
        },
      },
    },
    async (request, reply) => {
      if (request.query.q !== undefined) searches.take(request, reply)
      for (const name of ['q', 'tag'] as const)
        validateText(name, request.query[name] ?? '', MAX_QUERY_LENGTH)
      for (const name of ['created_after', 'created_before'] as const) requireTime(name, request.query[name])
      const { items, nextCursor } = await listVideos(db, request.access, request.query)
      const { transcript } = request.query
      const views = items.map(video => ({
        ...viewListed(video, base),
        ...(!transcript && { transcript: null }),
      }))
      return { items: views, next_cursor: nextCursor }
    },
  )

  app.get<ById>(
    '/videos/:id',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'getVideo',
        summary: 'One video',
        description:
          'The entity tag is for If-None-Match, and for If-Match of a change: that holds as long as no person has changed the video, however far its processing is.',
        params: byId,
        headers: ifNoneMatch,
        response: {
          200: { $ref: 'Video#' },
          304: { type: 'null', description: 'It is what the client has.' },
          ...problems(400, 404, 412),
        },
      },
    },
    async (request, reply) => {
      const { etag, view } = await showTagged({ db, base }, reply, request.params.id)
      return isNotModified(request.headers, { etag }) ? reply.code(304).send() : view
    },
  )

  app.post<ById & { Querystring: { step?: StepName } }>(
    '/videos/:id/retry',
    {
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'retryVideo',
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
      signal.emit('steps')
      return reply.code(202).send((await showTagged({ db, base }, reply, request.params.id)).view)
    },
  )
}
