import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_LANGUAGE_LENGTH,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  MAX_TITLE_LENGTH,
  MAX_TRANSCRIPT_LENGTH,
} from '../../base/limits.ts'
import type { Signal } from '../../base/signal.ts'
import { LANGUAGE_TAG, validateText } from '../../base/texts.ts'
import { type Schema, STEP_NAMES, type StepName, VIDEO_STATUSES } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { withinQuota } from '../../uploads/core/allowance.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { tagsOf } from '../../videos/catalogue/tags.ts'
import { type ListQuery, listVideos, SORTS } from '../../videos/catalogue/video-list.ts'
import {
  deleteVideo,
  editTag,
  getVideo,
  updateVideo,
  type VideoChanges,
} from '../../videos/catalogue/videos.ts'
import { sees } from '../../videos/catalogue/viewer.ts'
import { retrySteps } from '../../videos/pipeline/steps.ts'
import { isNotModified } from '../conditional.ts'
import { type ById, byId, ifNoneMatch, problems } from '../schemas.ts'
import { viewListed } from './listed-video.ts'
import { SHARES, Shares } from './shares.ts'
import { clearAway, seenIn } from './video-deletion.ts'
import { viewVideo } from './video-view.ts'

export interface VideoRouteParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  readonly reserve: Reserve
  readonly store: UploadStore
  /** What links begin with. */
  readonly base: string
  readonly signal: Signal
}

const MAX_QUERY = 500

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
    status: { type: 'string', enum: VIDEO_STATUSES },
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
      maxLength: MAX_QUERY,
      description:
        'Words in title, description and what was said, that all have to be there: `"a phrase"`, `-without`, `or`, `begin*` (three letters at least). Words with the same stem count too, by the language of the video. Of more than 400 videos that match, the newest 400 are found, and 200 more by title and description.',
    },
  },
} as const

const changes = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    title: { type: 'string', minLength: 1, maxLength: MAX_TITLE_LENGTH, examples: ['Team meeting'] },
    description: { type: 'string', maxLength: MAX_DESCRIPTION_LENGTH },
    tags: {
      type: 'array',
      maxItems: MAX_TAGS,
      items: { type: 'string', minLength: 1, maxLength: MAX_TAG_LENGTH, pattern: '^[^,]*$' },
      examples: [['team', 'weekly']],
    },
    language: {
      type: ['string', 'null'],
      pattern: LANGUAGE_TAG,
      maxLength: MAX_LANGUAGE_LENGTH,
      description: 'A BCP 47 tag, such as `pt-BR`; null for the one that was recognised.',
    },
    transcript: {
      type: 'string',
      maxLength: MAX_TRANSCRIPT_LENGTH,
      description: 'The whole text; words that stay keep their times.',
      examples: ['Good morning everybody.'],
    },
  },
} as const

const MAX_BULK = 100

export const deletionsSchema = {
  $id: 'Deletions',
  type: 'object',
  required: ['results'],
  properties: {
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'result'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          result: { type: 'string', enum: ['deleted', 'not_found'] },
        },
      },
    },
  },
} as const

const ifMatch = {
  type: 'object',
  properties: {
    'if-match': { type: 'string', description: 'Entity tags that the video has to have one of, or `*`.' },
    'if-none-match': { type: 'string', description: 'Entity tags that it may not have, or `*`.' },
  },
} as const

/** The form is checked by the schema; this is about what PostgreSQL has no time for, such as year 0. */
function requireTime(name: string, value: string | undefined): void {
  if (value === undefined) return
  const year = new Date(value).getUTCFullYear()
  if (!(year >= 1 && year <= 9999) || value.startsWith('0000'))
    throw new ApiError(400, 'invalid_request', `${name} is no time between the years 1 and 9999.`, name)
}

/** Finding, changing and deleting videos. */
export async function videoRoutes(app: FastifyInstance, parts: VideoRouteParts): Promise<void> {
  const { db, reserve, store, base, signal } = parts
  const quota = withinQuota(store.limits)
  const searches = new Shares(SHARES.searches)
  /** Its tag changes with every change of the video; for If-Match only the part before the dash counts, which processing leaves alone. */
  const showTagged = async (reply: FastifyReply, id: string) => {
    const video = await getVideo(db, id)
    const etag = `"${editTag(video)}-${video.version}"`
    reply.headers({ etag, 'cache-control': 'private, no-cache' })
    return { etag, view: viewVideo(video, base) }
  }
  const show = async (reply: FastifyReply, id: string) => (await showTagged(reply, id)).view

  app.get<{ Querystring: ListQuery & { transcript: boolean } }>(
    '/videos',
    {
      config: { access: 'read' },
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
      for (const name of ['q', 'tag'] as const) validateText(name, request.query[name] ?? '', MAX_QUERY)
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
      const { etag, view } = await showTagged(reply, request.params.id)
      return isNotModified(request.headers, { etag }) ? reply.code(304).send() : view
    },
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route<ById & { Body: VideoChanges }>({
      method,
      url: '/videos/:id',
      config: { access: 'write', owned: 'videos' },
      bodyLimit: 4 * MAX_TRANSCRIPT_LENGTH,
      schema: {
        tags: ['videos'],
        operationId: method === 'PUT' ? 'putVideo' : 'patchVideo',
        summary: 'Change title, description, tags, language or transcript',
        description:
          "What is not given stays as it is. With If-Match and the ETag that the video was read with, nobody else's changes are overwritten.",
        headers: ifMatch,
        params: byId,
        body: changes,
        response: { 200: { $ref: 'Video#' }, ...problems(400, 404, 412, 413, 415) },
      },
      handler: async (request, reply) => {
        const { title, description, tags, language, transcript } = request.body
        if (title !== undefined) validateText('title', title, MAX_TITLE_LENGTH)
        if (title?.trim() === '')
          throw new ApiError(400, 'invalid_request', 'title must not be empty.', 'title')
        if (description !== undefined) validateText('description', description, MAX_DESCRIPTION_LENGTH)
        if (transcript !== undefined) validateText('transcript', transcript, MAX_TRANSCRIPT_LENGTH)
        for (const [index, tag] of (tags ?? []).entries()) validateText(`tags.${index}`, tag, MAX_TAG_LENGTH)
        const changed = { title, description, language, transcript, tags: tags && tagsOf(tags) }
        const isSeen = seenIn(request.headers)
        await updateVideo(db, request.params.id, changed, { isSeen, withinQuota: quota })
        return show(reply, request.params.id)
      },
    })
  }

  app.delete<ById>(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'deleteVideo',
        summary: 'Delete a video',
        description: 'Its bytes, artifacts and pending work go with it.',
        params: byId,
        headers: ifMatch,
        response: { 204: { type: 'null', description: 'It is gone.' }, ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => {
      await reserve.spend(() => deleteVideo(db, request.params.id, request.id, seenIn(request.headers)))
      await clearAway(parts, request.log)
      return reply.code(204).send()
    },
  )

  app.delete<{ Body: { ids: string[] } }>(
    '/videos',
    {
      config: { access: 'write' },
      schema: {
        tags: ['videos'],
        operationId: 'deleteVideos',
        summary: 'Delete several videos',
        description: 'Each of them wholly or not at all; a failure leaves those that are still to come.',
        body: {
          type: 'object',
          required: ['ids'],
          additionalProperties: false,
          properties: {
            ids: {
              type: 'array',
              minItems: 1,
              maxItems: MAX_BULK,
              items: { type: 'string', format: 'uuid' },
            },
          },
        },
        response: { 200: { $ref: 'Deletions#' }, ...problems(400, 413, 415) },
      },
    },
    async request => {
      const results: { id: string; result: 'deleted' | 'not_found' }[] = []
      for (const id of new Set(request.body.ids.map(id => id.toLowerCase())))
        results.push({ id, result: await deleteOne(id, request) })
      await clearAway(parts, request.log)
      return { results }
    },
  )

  async function deleteOne(id: string, request: FastifyRequest): Promise<'deleted' | 'not_found'> {
    if (!(await sees(db, request.access, 'videos', id))) return 'not_found'
    try {
      await reserve.spend(() => deleteVideo(db, id, request.id))
      return 'deleted'
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return 'not_found'
      throw error
    }
  }

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
      return reply.code(202).send(await show(reply, request.params.id))
    },
  )
}
