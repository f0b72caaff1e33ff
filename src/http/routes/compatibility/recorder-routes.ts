import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { findUpload } from '../../../uploads/core/upload-rows.ts'
import { MAX_CHUNK_BYTES } from '../../../uploads/recordings/recording-rules.ts'
import { findVideo, hasSource } from '../../../videos/catalogue/videos.ts'
import { SHARES, Shares } from '../shares.ts'
import { answerRecorderError, recorderFailures } from './answers.ts'
import { ArrivalOrder } from './arrival-order.ts'
import { readForm } from './form.ts'
import type { Form } from './form-file.ts'
import { IncomingChunk } from './incoming-chunk.ts'
import { type OldApiParts, resolveId } from './old-api.ts'

const message = (text: string) => ({
  type: 'object',
  required: ['message'],
  properties: { message: { type: 'string', examples: [text] } },
})
const chunkForm = {
  type: 'object',
  required: ['session_id', 'video_chunk'],
  properties: {
    session_id: { type: 'string', examples: ['01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'] },
    video_chunk: { type: 'string', format: 'binary', description: 'Base64 in JSON.' },
    chunk_number: {
      type: 'integer',
      description: 'Makes a repetition safe. Without it a chunk follows those that came before.',
    },
  },
} as const
const finalForm = {
  ...chunkForm,
  required: ['session_id'],
  properties: {
    ...chunkForm.properties,
    is_final: { type: 'boolean', description: 'Closes the recording.' },
  },
} as const
const recordedData = {
  type: 'object',
  required: ['recorded_data'],
  properties: {
    recorded_data: {
      type: 'object',
      required: ['session_id', 'status', 'file_url', 'audio_file', 'transcript'],
      properties: {
        session_id: { type: 'string' },
        status: { type: 'string', enum: ['recording', 'processing', 'completed', 'failed'] },
        file_url: { type: ['string', 'null'] },
        audio_file: { type: ['string', 'null'] },
        transcript: { type: ['string', 'null'] },
      },
    },
  },
} as const
const STATUSES = {
  uploading: 'recording',
  processing: 'processing',
  ready: 'completed',
  failed: 'failed',
} as const
/** The spellings that Django REST framework takes for true. */
const YES = ['true', 't', '1', 'yes', 'y', 'on']

/** The API of the old recorder, over the same recordings. */
export async function oldRecorderRoutes(app: FastifyInstance, parts: OldApiParts): Promise<void> {
  const { db, recordings, base } = parts
  const order = new ArrivalOrder()
  const shares = new Shares(SHARES.oldChunks)
  app.setErrorHandler(answerRecorderError)

  app.post(
    '/start-recording',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldStartRecording',
        summary: 'Begin a recording',
        consumes: ['application/json', 'multipart/form-data'],
        ...({
          'x-body': { type: 'object', properties: { title: { type: 'string', examples: ['Stand-up'] } } },
        } as object),
        response: {
          201: {
            description: 'The recording has begun.',
            type: 'object',
            required: ['session_id'],
            properties: {
              session_id: { type: 'string', examples: ['01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'] },
            },
          },
          ...recorderFailures(400, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { title, description } = await readForm(request)
      const metadata = { ...(title && { title }), ...(description && { description }) }
      const id = await recordings.create(metadata, {
        requestId: request.id,
        owner: request.access.owner,
      })
      return reply.code(201).send({ session_id: id })
    },
  )

  /** Takes in the chunk of a request, if there is one, in its turn. */
  const take = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { needsChunk }: { needsChunk: boolean },
  ) => {
    shares.take(request, reply, 503)
    const chunk = new IncomingChunk(parts, request, order)
    try {
      const form = await readForm(
        request,
        { files: ['video_chunk'], maxBytes: MAX_CHUNK_BYTES },
        (_name, file) => chunk.receive(file),
      )
      const isFinal = isYes(form)
      if (needsChunk && !isFinal && !chunk.came)
        throw new ApiError(400, 'invalid_request', 'video_chunk is required.', 'video_chunk')
      const id = await chunk.enter(form, { isFinal })
      return { id, isFinal }
    } finally {
      await chunk.end()
    }
  }

  app.post(
    '/receive-video-chunk',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldReceiveChunk',
        summary: 'Send the next chunk',
        consumes: ['application/json', 'multipart/form-data'],
        ...({ 'x-body': chunkForm } as object),
        response: {
          200: { description: 'The chunk is safe on disk.', ...message('The chunk was received.') },
          ...recorderFailures(400, 404, 409, 410, 413, 415, 507),
        },
      },
    },
    async (request, reply) => {
      const { id } = await take(request, reply, { needsChunk: true })
      await recordings.join(id)
      return { message: 'The chunk was received.' }
    },
  )

  app.post(
    '/finalize-recording',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldFinalizeRecording',
        summary: 'Send the last chunk and close the recording',
        description: 'Without `is_final` the chunk is simply the next one, and nothing is closed.',
        consumes: ['application/json', 'multipart/form-data'],
        ...({ 'x-body': finalForm } as object),
        response: {
          200: { description: 'Done.', ...message('The recording is complete.') },
          ...recorderFailures(400, 404, 409, 410, 413, 415, 423, 507),
        },
      },
    },
    async (request, reply) => {
      const { id, isFinal } = await take(request, reply, { needsChunk: true })
      if (!isFinal) {
        await recordings.join(id)
        return { message: 'The chunk was received.' }
      }
      return { message: 'The recording is complete.' }
    },
  )

  app.get<{ Params: { session_id: string } }>(
    '/get-recorded-data/:session_id',
    {
      config: { access: 'read', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldGetRecordedData',
        summary: 'A recording, and what was made of it',
        params: {
          type: 'object',
          required: ['session_id'],
          properties: {
            session_id: {
              type: 'string',
              maxLength: 255,
              examples: ['01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'],
            },
          },
        },
        response: { 200: { description: 'The recording.', ...recordedData }, ...recorderFailures(404) },
      },
    },
    async request => {
      const { session_id } = request.params
      const id = await resolveId(db, request, 'recording', session_id)
      const video = await findVideo(db, id)
      if (!video && !(await findUpload(db, id)))
        throw new ApiError(404, 'not_found', 'The session was not found.')
      const hasAudio = video?.artifacts.some(({ kind }) => kind === 'audio_download' || kind === 'audio')
      return {
        recorded_data: {
          session_id,
          status: STATUSES[video?.status ?? 'uploading'],
          file_url: video && hasSource(video) ? `${base}/api/videos/${id}/stream/` : null,
          audio_file: hasAudio ? `${base}/videos/${id}/audio` : null,
          transcript: video?.transcript?.text ?? null,
        },
      }
    },
  )
}

function isYes({ is_final: value = '' }: Form): boolean {
  return YES.includes(value.trim().toLowerCase())
}
