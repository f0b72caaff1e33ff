import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { MAX_CHUNK_BYTES } from '../../../uploads/recordings/recording-rules.ts'
import { Turns } from '../../../uploads/recordings/turns.ts'
import { SHARES, Shares } from '../shares.ts'
import { readForm } from './form.ts'
import type { Form } from './form-file.ts'
import { IncomingChunk } from './incoming-chunk.ts'
import type { OldApiDeps } from './old-api.ts'
import { chunkForm, finalForm, messageSchema } from './recorder-schemas.ts'
import { recorderFailures } from './responses.ts'

/** The spellings that Django REST framework accepts for true. */
const TRUE = ['true', 't', '1', 'yes', 'y', 'on']
const RECEIVED = 'The chunk was received.'
const COMPLETE = 'The recording is complete.'

/** Receives the chunk of a request, if it contains one, after those of earlier requests. */
type ReceiveChunk = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<{ readonly id: string; readonly isFinal: boolean }>

/** The routes of the old recorder that receive chunks. */
export function recorderChunkRoutes(app: FastifyInstance, deps: OldApiDeps): void {
  const receive = chunkReceiver(deps)
  chunkRoute(app, deps, receive)
  finalizeRoute(app, deps, receive)
}

function chunkReceiver(deps: OldApiDeps): ReceiveChunk {
  const turns = new Turns(deps.db)
  const shares = new Shares(SHARES.oldChunks)
  return async (request, reply) => {
    await shares.take(request, reply, 503)
    const chunk = new IncomingChunk(deps, request, turns)
    const files = { files: ['video_chunk'], maxBytes: MAX_CHUNK_BYTES }
    try {
      const form = await readForm(request, files, (_name, file) => chunk.receive(file))
      const isFinal = isTrue(form)
      if (!isFinal && !chunk.hasBytes)
        throw new ApiError(400, 'invalid_request', 'video_chunk is required.', 'video_chunk')
      return { id: await chunk.enter(form, { isFinal }), isFinal }
    } finally {
      await chunk.end()
    }
  }
}

function chunkRoute(app: FastifyInstance, { recordings }: OldApiDeps, receive: ReceiveChunk): void {
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
          200: { description: 'The chunk is stored durably.', ...messageSchema(RECEIVED) },
          ...recorderFailures(400, 404, 409, 410, 413, 415, 507),
        },
      },
    },
    async (request, reply) => {
      const { id } = await receive(request, reply)
      await recordings.join(id)
      return { message: RECEIVED }
    },
  )
}

function finalizeRoute(app: FastifyInstance, { recordings }: OldApiDeps, receive: ReceiveChunk): void {
  app.post(
    '/finalize-recording',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldFinalizeRecording',
        summary: 'Send the last chunk and close the recording',
        description: 'Without `is_final`, the chunk is added as the next one, and the recording stays open.',
        consumes: ['application/json', 'multipart/form-data'],
        ...({ 'x-body': finalForm } as object),
        response: {
          200: {
            description: 'The recording is closed, or the chunk is stored.',
            ...messageSchema(COMPLETE),
          },
          ...recorderFailures(400, 404, 409, 410, 413, 415, 423, 507),
        },
      },
    },
    async (request, reply) => {
      const { id, isFinal } = await receive(request, reply)
      if (isFinal) return { message: COMPLETE }
      await recordings.join(id)
      return { message: RECEIVED }
    },
  )
}

function isTrue({ is_final: value = '' }: Form): boolean {
  return TRUE.includes(value.trim().toLowerCase())
}
