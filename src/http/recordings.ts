import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { LANGUAGE_TAG } from '../uploads/metadata.ts'
import { findRecording, missingForGood } from '../uploads/recordings/recording-rows.ts'
import { MAX_PIECES, WINDOW } from '../uploads/recordings/recording-rules.ts'
import type { Recordings } from '../uploads/recordings/recordings.ts'
import { findVideo } from '../videos/videos.ts'
import { answerOnce, idempotencyHeader } from './idempotency.ts'
import { chunkRoutes } from './recording-chunks.ts'
import { formRoutes } from './recording-forms.ts'
import { type ShowRecording, viewRecording } from './recording-view.ts'
import { type ById, byId, problems } from './schemas.ts'
import { viewVideo } from './video-view.ts'

export interface RecordingRouteParts {
  readonly db: Kysely<Schema>
  readonly recordings: Recordings
  /** What links begin with. */
  readonly base: string
}

interface NewRecording {
  title?: string
  description?: string
  language?: string
  type?: string
}

const newRecording = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    title: { type: 'string', maxLength: 500, examples: ['Stand-up'] },
    description: { type: 'string', maxLength: 10_000 },
    language: { type: 'string', maxLength: 35, pattern: LANGUAGE_TAG, examples: ['en'] },
    type: {
      type: 'string',
      maxLength: 255,
      pattern: '^[\\w!#$&^.+-]+/[\\w!#$&^.+-]+(\\s*;[ -~]*)?$',
      description: 'The media type of the pieces together, as MediaRecorder tells it.',
      examples: ['video/webm;codecs=vp8,opus'],
    },
  },
} as const

/** Recording with plain requests: an upload like any other underneath, whose length is known at its end. */
export async function recordingRoutes(app: FastifyInstance, parts: RecordingRouteParts): Promise<void> {
  const { db, recordings, base } = parts
  const show: ShowRecording = async id => {
    const state = await recordings.state(id)
    const video = state.upload.finished_at ? await findVideo(db, id) : undefined
    const gaps = state.recording.closed_at ? await missingForGood(db, state.recording, WINDOW) : []
    return viewRecording(state, { base, video: video ? viewVideo(video, base) : null, gaps })
  }

  app.post<{ Body: NewRecording | null }>(
    '/recordings',
    {
      schema: {
        tags: ['recordings'],
        operationId: 'createRecording',
        summary: 'Begin a recording',
        description:
          'Its chunks go to `/recordings/{id}/chunks/{n}`, numbered from 0 to ' +
          `${MAX_PIECES - 1}, or by tus to the upload of the same id, which has a deferred length.`,
        headers: { type: 'object', properties: idempotencyHeader },
        body: newRecording,
        response: { 201: { $ref: 'Recording#' }, ...problems(400, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { type, ...said } = request.body ?? {}
      const metadata = { ...said, ...(type && { filetype: type }) }
      const uploader = { owner: request.access.owner }
      const describe = async (id: string) => {
        const body = await show(id)
        return { status: 201, headers: { location: body.links.self }, body }
      }
      const fingerprint = fingerprintOf(metadata)
      const { headers, body } =
        request.headers['idempotency-key'] === undefined
          ? await describe(await recordings.create(metadata, request.id, uploader))
          : await answerOnce(db, request, reply, 'POST /recordings', {
              fingerprint: async () => fingerprint,
              async make(id, note) {
                await note(fingerprint)
                return describe(await recordings.create(metadata, request.id, uploader, id))
              },
              made: async id => ((await findRecording(db, id)) ? describe(id) : undefined),
            })
      return reply
        .code(201)
        .headers(headers)
        .send(body as never)
    },
  )

  app.get<ById>(
    '/recordings/:id',
    {
      schema: {
        tags: ['recordings'],
        operationId: 'getRecording',
        summary: 'How far a recording is, then its video',
        params: byId,
        response: { 200: { $ref: 'Recording#' }, ...problems(400, 404) },
      },
    },
    async request => show(request.params.id),
  )

  app.delete<ById>(
    '/recordings/:id',
    {
      schema: {
        tags: ['recordings'],
        operationId: 'deleteRecording',
        summary: 'Give a recording up',
        description: 'While it is in progress. Once it is finished, `DELETE /videos/{id}` removes it.',
        params: byId,
        response: { 204: { type: 'null', description: 'It is gone.' }, ...problems(400, 404, 409, 423) },
      },
    },
    async (request, reply) => {
      await recordings.remove(request.params.id)
      return reply.code(204).send()
    },
  )

  await app.register(chunkRoutes, { recordings, show })
  await app.register(formRoutes, { recordings, show })
}

function fingerprintOf(metadata: object): string {
  const fields = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex')
}
