import type { FastifyInstance } from 'fastify'
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
import { LANGUAGE_TAG, validateText } from '../../base/texts.ts'
import type { Schema } from '../../database/schema.ts'
import { withinQuota } from '../../uploads/core/allowance.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { updateVideo, type VideoChanges } from '../../videos/catalogue/edit-video.ts'
import { tagsOf } from '../../videos/catalogue/tags.ts'
import { type FromSchema, typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import { showTagged } from './tagged-video.ts'
import { changeHeaders, changeVideo } from './video-conditions.ts'

const changesSchema = {
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
      description: 'A BCP 47 tag, such as `pt-BR`; null to use the recognised language.',
    },
    transcript: {
      type: 'string',
      maxLength: MAX_TRANSCRIPT_LENGTH,
      description: 'The whole text of the transcript. Unchanged words keep their times.',
      examples: ['Good morning everybody.'],
    },
  },
} as const

export interface ChangeRouteDeps {
  readonly db: Kysely<Schema>
  readonly store: UploadStore
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

/** Changes the fields that a person can edit. */
export async function videoChangeRoutes(app: FastifyInstance, deps: ChangeRouteDeps): Promise<void> {
  const { db, store, base } = deps
  const quota = withinQuota(store.limits)
  for (const method of ['PUT', 'PATCH'] as const) {
    typed(app).route({
      method,
      url: '/videos/:id',
      config: { access: 'write', owned: 'videos' },
      bodyLimit: 4 * MAX_TRANSCRIPT_LENGTH,
      schema: {
        tags: ['videos'],
        operationId: method === 'PUT' ? 'putVideo' : 'patchVideo',
        summary: 'Change the title, description, tags, language or transcript',
        description:
          'Absent members stay unchanged. To avoid overwriting the changes of others, send If-Match with the ETag that the video had when you read it.',
        headers: changeHeaders,
        params: byId,
        body: changesSchema,
        response: { 200: { $ref: 'Video#' }, ...problems(400, 404, 412, 413, 415) },
      },
      handler: async (request, reply) => {
        const { id } = request.params
        const changes = checkedChanges(request.body)
        await changeVideo(request.headers, expected =>
          updateVideo(db, id, changes, { expected, withinQuota: quota }),
        )
        return (await showTagged({ db, base }, reply, id)).view
      },
    })
  }
}

/** @throws ApiError 400 that names the field. */
function checkedChanges(changes: FromSchema<typeof changesSchema>): VideoChanges {
  const { title, description, tags, transcript } = changes
  if (title !== undefined) validateText('title', title, MAX_TITLE_LENGTH)
  if (title?.trim() === '') throw new ApiError(400, 'invalid_request', 'title must not be empty.', 'title')
  if (description !== undefined) validateText('description', description, MAX_DESCRIPTION_LENGTH)
  if (transcript !== undefined) validateText('transcript', transcript, MAX_TRANSCRIPT_LENGTH)
  for (const [index, tag] of (tags ?? []).entries()) validateText(`tags.${index}`, tag, MAX_TAG_LENGTH)
  return { ...changes, tags: tags && tagsOf(tags) }
}
