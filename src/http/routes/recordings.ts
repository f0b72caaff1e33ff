import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import { sha256Hex } from '../../base/hash.ts'
import type { Schema } from '../../database/schema.ts'
import type { StoredResponse } from '../../uploads/core/idempotent-requests.ts'
import type { UploadMetadata } from '../../uploads/core/metadata.ts'
import { findRecording, missingForGood } from '../../uploads/recordings/recording-rows.ts'
import { MAX_CHUNKS, WINDOW_CHUNKS } from '../../uploads/recordings/recording-rules.ts'
import type { Recordings } from '../../uploads/recordings/recordings.ts'
import { findVideo } from '../../videos/catalogue/videos.ts'
import { type IdempotentWork, idempotencyHeader, runOnce } from '../idempotency.ts'
import { type FromSchema, type TypedApp, typed } from '../schema-types.ts'
import { byRecordingId, problems } from '../schemas.ts'
import { chunkRoutes } from './recording-chunks.ts'
import { formRoutes } from './recording-forms.ts'
import { type ShowRecording, viewRecording } from './recording-view.ts'
import { viewVideo } from './video-view.ts'

export interface RecordingRouteDeps {
  readonly db: Kysely<Schema>
  readonly recordings: Recordings
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

interface RecordingDeps extends RecordingRouteDeps {
  readonly show: ShowRecording
}

const label = { type: ['string', 'null'] } as const

/** Only the types of labels are checked here, because an invalid label must not prevent a recording (`validLabels`). */
const newRecording = {
  type: ['object', 'null'],
  properties: {
    title: { ...label, description: 'At most 500 characters are kept.', examples: ['Stand-up'] },
    description: { ...label, description: 'At most 10,000 characters are kept.' },
    language: {
      ...label,
      description: 'A BCP 47 tag, such as `pt-BR`. Any other text is ignored.',
      examples: ['en'],
    },
    type: {
      ...label,
      description:
        'The media type of the whole recording, as MediaRecorder reports it. Any other text is ignored.',
      examples: ['video/webm;codecs=vp8,opus'],
    },
  },
} as const

/** Recordings are uploads that are sent in numbered chunks. Their length is known only at the end. */
export async function recordingRoutes(app: FastifyInstance, routeDeps: RecordingRouteDeps): Promise<void> {
  const deps = { ...routeDeps, show: showRecording(routeDeps) }
  createRoute(typed(app), deps)
  getRoute(typed(app), deps)
  deleteRoute(typed(app), deps)
  await app.register(chunkRoutes, deps)
  await app.register(formRoutes, deps)
}

function showRecording({ db, recordings, base }: RecordingRouteDeps): ShowRecording {
  return async id => {
    const state = await recordings.state(id)
    const video = state.upload.finished_at ? await findVideo(db, id) : undefined
    const gaps = state.recording.closed_at ? await missingForGood(db, state.recording, WINDOW_CHUNKS) : []
    return viewRecording(state, { base, video: video ? viewVideo(video, base) : null, gaps })
  }
}

function createRoute(app: TypedApp, deps: RecordingDeps): void {
  const { db, recordings } = deps
  app.post(
    '/recordings',
    {
      config: { access: 'write' },
      schema: {
        tags: ['recordings'],
        operationId: 'createRecording',
        summary: 'Create a recording',
        description:
          'Send the chunks to `/recordings/{id}/chunks/{n}`, numbered from 0 to ' +
          `${MAX_CHUNKS - 1}, or use tus with the upload of the same id, which has a deferred length. ` +
          'Invalid texts are shortened or ignored. Unknown members are ignored.',
        headers: { type: 'object', properties: idempotencyHeader },
        body: newRecording,
        response: { 201: { $ref: 'Recording#' }, ...problems(400, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const metadata = labelsOf(request.body ?? {})
      const work = creationWork(deps, request, metadata)
      const { headers, body } =
        request.headers['idempotency-key'] === undefined
          ? await work.createWithoutKey()
          : await runOnce(db, request, reply, 'POST /recordings', work, recordings.limits)
      return reply.code(201).headers(headers).send(body)
    },
  )
}

function creationWork(
  { db, recordings, show }: RecordingDeps,
  { id: requestId, access }: Pick<FastifyRequest, 'id' | 'access'>,
  metadata: UploadMetadata,
): IdempotentWork & { createWithoutKey(): Promise<StoredResponse> } {
  const fingerprint = fingerprintOf(metadata)
  const uploader = { requestId, owner: access.owner }
  const describe = async (id: string): Promise<StoredResponse> => {
    const body = await show(id)
    return { status: 201, headers: { location: body.links.self }, body }
  }
  return {
    createWithoutKey: async () => describe(await recordings.create(metadata, uploader)),
    fingerprint: async () => fingerprint,
    async create(key) {
      await key.saveFingerprint(fingerprint)
      const id = await recordings.create(metadata, uploader, {
        id: key.token,
        claim: trx => key.requireHeld(trx),
      })
      return { fingerprint, response: await describe(id) }
    },
    recover: async id => ((await findRecording(db, id)) ? describe(id) : undefined),
  }
}

function getRoute(app: TypedApp, { show }: RecordingDeps): void {
  app.get(
    '/recordings/:id',
    {
      config: { access: 'read', owned: 'recordings' },
      schema: {
        tags: ['recordings'],
        operationId: 'getRecording',
        summary: 'Get a recording and its video',
        params: byRecordingId,
        response: { 200: { $ref: 'Recording#' }, ...problems(400, 404, 410) },
      },
    },
    async request => show(request.params.id),
  )
}

function deleteRoute(app: TypedApp, { recordings }: RecordingDeps): void {
  app.delete(
    '/recordings/:id',
    {
      config: { access: 'write', owned: 'recordings' },
      schema: {
        tags: ['recordings'],
        operationId: 'deleteRecording',
        summary: 'Delete a recording',
        description:
          'Only while the recording is in progress. Use `DELETE /videos/{id}` after it is finished.',
        params: byRecordingId,
        response: {
          204: { type: 'null', description: 'The recording was deleted.' },
          ...problems(400, 404, 409, 423),
        },
      },
    },
    async (request, reply) => {
      await recordings.remove(request.params.id)
      return reply.code(204).send()
    },
  )
}

function labelsOf(body: NonNullable<FromSchema<typeof newRecording>>): UploadMetadata {
  const { title, description, language, type } = body
  const labels = Object.entries({ title, description, language, filetype: type })
  return Object.fromEntries(labels.filter((label): label is [string, string] => Boolean(label[1])))
}

function fingerprintOf(metadata: object): string {
  const fields = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return sha256Hex(JSON.stringify(fields))
}
