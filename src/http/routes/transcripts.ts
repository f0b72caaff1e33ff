import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { LinkKind } from '../../access/signed-links.ts'
import { ApiError, notFound } from '../../base/errors.ts'
import { validateText } from '../../base/texts.ts'
import type { Schema, TranscriptSegment } from '../../database/schema.ts'
import { withinQuota } from '../../uploads/core/allowance.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { getVideoRow } from '../../videos/catalogue/videos.ts'
import { lengthOf, offThread } from '../../videos/transcripts/off-thread.ts'
import { editSegments, restoreRevision } from '../../videos/transcripts/transcript-edits.ts'
import {
  currentTranscript,
  findRevision,
  listRevisions,
  type Transcript,
} from '../../videos/transcripts/transcripts.ts'
import { expectedVersions, isNotModified, requireChangeConditions } from '../conditional.ts'
import { mediaHeaders, sendText } from '../media-response.ts'
import { absentResult } from '../not-ready.ts'
import { type ById, byId, ifNoneMatch, problems } from '../schemas.ts'
import { editSchema, MAX_SEGMENT_TEXT, MAX_SPEAKER, viewRevision, viewTranscript } from './transcript-view.ts'

/** Characters of all segments together, as many as of a text that is edited as a whole. */
const MAX_TEXT = 2_000_000
/** Bytes: text, times and everything around them, with the words that a client sends back. */
const MAX_BODY = 32 * 1024 * 1024

interface ByRevision {
  Params: { id: string; revision: number }
}
interface Edit {
  readonly language?: string | null
  readonly segments: { start: number; end: number; text: string; speaker?: string | null }[]
}

const byRevision = {
  ...byId,
  required: ['id', 'revision'],
  properties: { ...byId.properties, revision: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } },
} as const
const conditional = {
  type: 'object',
  properties: {
    'if-match': {
      type: 'string',
      description:
        'The `ETag` of the revision that the change was made of: with another one by now the answer is 412.',
      examples: ['"3"'],
    },
  },
} as const

/** What was said, in every form, and its revisions. */
export async function transcriptRoutes(
  app: FastifyInstance,
  { db, store }: { db: Kysely<Schema>; store: UploadStore },
): Promise<void> {
  const quota = withinQuota(store.limits)
  const current = async (id: string, reply: FastifyReply): Promise<Transcript> => {
    await getVideoRow(db, id)
    const transcript = await currentTranscript(db, id)
    if (transcript) return transcript
    throw await absentResult(db, reply, { videoId: id, step: 'transcribe', what: 'The transcript' })
  }
  const send = (request: FastifyRequest, reply: FastifyReply, transcript: Transcript) => {
    const tag = entityTag(transcript.revision)
    reply.headers({ etag: tag, 'cache-control': 'no-cache' })
    if (isNotModified(request.headers, { etag: tag })) return reply.code(304).send()
    return reply.send(viewTranscript(transcript))
  }
  const transcript = { $ref: 'Transcript#' }

  app.get<ById>(
    '/videos/:id/transcript',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'getTranscript',
        summary: 'The transcript with times',
        description: 'A person’s latest revision, else the latest.',
        params: byId,
        headers: ifNoneMatch,
        response: {
          200: transcript,
          304: { type: 'null', description: 'It is still the one of `If-None-Match`.' },
          ...problems(400, 404, 412),
        },
      },
    },
    async (request, reply) => send(request, reply, await current(request.params.id, reply)),
  )

  app.put<ById & { Body: Edit }>(
    '/videos/:id/transcript',
    {
      config: { access: 'write', owned: 'videos' },
      bodyLimit: MAX_BODY,
      schema: {
        tags: ['transcripts'],
        operationId: 'replaceTranscript',
        summary: 'Replace the transcript by a new revision',
        description: 'No machine replaces what a person wrote.',
        params: byId,
        headers: conditional,
        body: editSchema,
        response: { 200: transcript, ...problems(400, 404, 412, 413, 415) },
      },
    },
    async (request, reply) => {
      const { language } = request.body
      const segments = checkedSegments(request.body.segments)
      const holds = expectedRevisions(request)
      const edited = await editSegments(db, request.params.id, { segments, language }, holds, quota)
      reply.headers({ etag: entityTag(edited.revision) })
      return viewTranscript(edited)
    },
  )

  app.get<ById>(
    '/videos/:id/transcript/revisions',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'listRevisions',
        summary: 'All revisions of the transcript, the latest first',
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

  app.get<ByRevision>(
    '/videos/:id/transcript/revisions/:revision',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'getRevision',
        summary: 'One revision of the transcript',
        params: byRevision,
        headers: ifNoneMatch,
        response: {
          200: transcript,
          304: { type: 'null', description: 'It is still the one of `If-None-Match`.' },
          ...problems(400, 404, 412),
        },
      },
    },
    async (request, reply) => {
      const { id, revision } = request.params
      const found = await findRevision(db, id, revision)
      if (!found) throw notFound('This revision')
      return send(request, reply, found)
    },
  )

  app.post<ByRevision>(
    '/videos/:id/transcript/revisions/:revision/restore',
    {
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['transcripts'],
        operationId: 'restoreRevision',
        summary: 'Make an earlier revision the latest again',
        description: 'Adds a copy of it, as a person’s revision.',
        params: byRevision,
        headers: conditional,
        response: { 200: transcript, ...problems(400, 404, 412, 413) },
      },
    },
    async (request, reply) => {
      const { id, revision } = request.params
      const restored = await restoreRevision(db, id, revision, expectedRevisions(request), quota)
      reply.headers({ etag: entityTag(restored.revision) })
      return viewTranscript(restored)
    },
  )

  const rendered = (
    path: string,
    operationId: string,
    summary: string,
    contentType: string,
    render: (transcript: Transcript, owner: string | null) => string | Promise<string>,
    signedLink?: LinkKind,
  ) =>
    app.get<ById>(
      `/videos/:id/${path}`,
      {
        config: { access: 'read', owned: 'videos', ...(signedLink && { signedLink }) },
        schema: {
          tags: ['transcripts'],
          operationId,
          summary,
          params: byId,
          headers: mediaHeaders,
          response: {
            200: { description: 'The text.', content: { [contentType]: { schema: { type: 'string' } } } },
            206: { description: 'A part of it.', content: { [contentType]: { schema: { type: 'string' } } } },
            304: { type: 'null', description: 'It is still the one of the condition.' },
            ...problems(400, 404, 412, 416),
          },
        },
      },
      async (request, reply) => {
        const transcript = await current(request.params.id, reply)
        return sendText(request, reply, {
          text: await render(transcript, request.access.owner),
          contentType: `${contentType}; charset=utf-8`,
          disposition: 'inline',
          filename: path,
          lastModified: transcript.created_at,
        })
      },
    )
  rendered(
    'captions.vtt',
    'getCaptionsVtt',
    'Captions as WebVTT',
    'text/vtt',
    ({ segments }, owner) => offThread(owner, lengthOf(segments), 'renderVtt', segments),
    'captions',
  )
  rendered(
    'captions.srt',
    'getCaptionsSrt',
    'Captions as SubRip',
    'application/x-subrip',
    ({ segments }, owner) => offThread(owner, lengthOf(segments), 'renderSrt', segments),
    'captions',
  )
  rendered(
    'transcript.txt',
    'getTranscriptText',
    'The transcript as plain text',
    'text/plain',
    ({ text }) => `${text}\n`,
  )
}

/** The entity tag of a revision is its number, because a revision never changes. */
function entityTag(revision: number): string {
  return `"${revision}"`
}

/** The revisions that a request may replace. @throws ApiError 400 if its conditions are malformed. */
function expectedRevisions({ headers }: FastifyRequest): (current: number | undefined) => boolean {
  requireChangeConditions(headers)
  const expected = expectedVersions(headers)
  return current => expected?.(current?.toString()) ?? true
}

/** @throws ApiError 400 that names the segment and its field. */
function checkedSegments(segments: Edit['segments']): TranscriptSegment[] {
  let [before, characters] = [0, 0]
  return segments.map(({ start, end, text, speaker }, index) => {
    const refuse = (field: string, problem: string): never => {
      const name = `segments.${index}.${field}`
      throw new ApiError(400, 'invalid_request', `${name} ${problem}.`, name)
    }
    if (start < before) refuse('start', 'is before the start of the segment before it')
    if (end < start) refuse('end', 'is before its start')
    if (text.trim() === '') refuse('text', 'is blank')
    validateText(`segments.${index}.text`, text, MAX_SEGMENT_TEXT)
    if (speaker) validateText(`segments.${index}.speaker`, speaker, MAX_SPEAKER)
    before = start
    characters += text.length + 1
    if (characters > MAX_TEXT) refuse('text', `makes the whole longer than ${MAX_TEXT} characters`)
    return { start, end, text: text.trim(), ...(speaker?.trim() && { speaker: speaker.trim() }) }
  })
}
