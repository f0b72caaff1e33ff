import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '../../base/errors.ts'
import { withinQuota } from '../../uploads/core/allowance.ts'
import { getVideoRow } from '../../videos/catalogue/videos.ts'
import { editSegments, restoreRevision } from '../../videos/transcripts/transcript-edits.ts'
import { findRevision, listRevisions, type Transcript } from '../../videos/transcripts/transcripts.ts'
import { isNotModified, requireChangeConditions, underConditions } from '../conditional.ts'
import { type TypedApp, typed } from '../schema-types.ts'
import { byId, ifNoneMatch, problems } from '../schemas.ts'
import { checkedSegments } from './checked-segments.ts'
import { transcriptTextRoutes } from './transcript-texts.ts'
import {
  editSchema,
  getTranscript,
  type TranscriptDeps,
  viewRevision,
  viewTranscript,
} from './transcript-view.ts'

/** Maximum size of an edit as JSON, with the words that clients send back. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

const byRevision = {
  ...byId,
  required: ['id', 'revision'],
  properties: {
    ...byId.properties,
    revision: {
      type: 'integer',
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: 'The number of the revision.',
    },
  },
} as const
const ifMatch = {
  type: 'object',
  properties: {
    'if-match': {
      type: 'string',
      description: 'The `ETag` of the edited revision. The response is 412 if a newer revision exists.',
      examples: ['"3"'],
    },
  },
} as const
const transcript = { $ref: 'Transcript#' } as const
const notModified = { type: 'null', description: 'Not modified.' } as const

/** The transcript of a video, its revisions and its text forms. */
export async function transcriptRoutes(app: FastifyInstance, deps: TranscriptDeps): Promise<void> {
  currentRoutes(typed(app), deps)
  revisionRoutes(typed(app), deps)
  transcriptTextRoutes(typed(app), deps)
}

function currentRoutes(app: TypedApp, { db, store }: TranscriptDeps): void {
  app.get(
    '/videos/:id/transcript',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'getTranscript',
        summary: 'Get the transcript with times',
        description:
          'The latest revision by a person, or the latest revision if no person has edited the transcript.',
        params: byId,
        headers: ifNoneMatch,
        response: { 200: transcript, 304: notModified, ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => send(request, reply, await getTranscript(db, reply, request.params.id)),
  )

  app.put(
    '/videos/:id/transcript',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'replaceTranscript',
        summary: 'Replace the transcript',
        description: 'Adds a revision with the origin `person`. A later transcription does not replace it.',
        params: byId,
        headers: ifMatch,
        body: editSchema,
        response: { 200: transcript, ...problems(400, 404, 412, 413, 415) },
      },
    },
    async (request, reply) => {
      const { language } = request.body
      const segments = checkedSegments(request.body.segments)
      const quota = withinQuota(store.limits)
      requireChangeConditions(request.headers)
      const edited = await underConditions(request.headers, (expected = {}) =>
        editSegments(db, request.params.id, { segments, language }, expected, quota),
      )
      reply.headers({ etag: entityTag(edited.revision) })
      return viewTranscript(edited)
    },
  )
}

function revisionRoutes(app: TypedApp, { db, store }: TranscriptDeps): void {
  app.get(
    '/videos/:id/transcript/revisions',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'listRevisions',
        summary: 'List the revisions of the transcript, the latest first',
        params: byId,
        response: {
          200: {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: { $ref: 'Revision#' } } },
          },
          ...problems(400, 404),
        },
      },
    },
    async request => {
      await getVideoRow(db, request.params.id)
      return { items: (await listRevisions(db, request.params.id)).map(viewRevision) }
    },
  )

  app.get(
    '/videos/:id/transcript/revisions/:revision',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'getRevision',
        summary: 'Get a revision of the transcript',
        params: byRevision,
        headers: ifNoneMatch,
        response: { 200: transcript, 304: notModified, ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => {
      const { id, revision } = request.params
      const found = await findRevision(db, id, revision)
      if (!found) throw notFound('The revision')
      return send(request, reply, found)
    },
  )

  app.post(
    '/videos/:id/transcript/revisions/:revision/restore',
    {
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'restoreRevision',
        summary: 'Restore an earlier revision',
        description: 'Adds a copy of the revision as the latest one, with the origin `person`.',
        params: byRevision,
        headers: ifMatch,
        response: { 200: transcript, ...problems(400, 404, 412, 413) },
      },
    },
    async (request, reply) => {
      const { id, revision } = request.params
      const quota = withinQuota(store.limits)
      requireChangeConditions(request.headers)
      const restored = await underConditions(request.headers, (expected = {}) =>
        restoreRevision(db, id, revision, expected, quota),
      )
      reply.headers({ etag: entityTag(restored.revision) })
      return viewTranscript(restored)
    },
  )
}

function send(
  { headers }: Pick<FastifyRequest, 'headers'>,
  reply: FastifyReply,
  transcript: Transcript,
): FastifyReply {
  const etag = entityTag(transcript.revision)
  reply.headers({ etag, 'cache-control': 'no-cache' })
  if (isNotModified(headers, { etag })) return reply.code(304).send()
  return reply.send(viewTranscript(transcript))
}

/** The entity tag of a revision is its number, because a revision never changes. */
function entityTag(revision: number): string {
  return `"${revision}"`
}
