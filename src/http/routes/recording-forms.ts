import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../base/errors.ts'
import { announcedBytes } from '../../uploads/core/request-body.ts'
import { atMost } from '../../uploads/core/space-reservations.ts'
import type { ReceivedChunk } from '../../uploads/recordings/receive-chunk.ts'
import { MAX_CHUNK_BYTES, MAX_CHUNKS } from '../../uploads/recordings/recording-rules.ts'
import type { Recordings } from '../../uploads/recordings/recordings.ts'
import { asRefusal, formParts, unexpected } from '../form-parts.ts'
import { type FromSchema, typed } from '../schema-types.ts'
import { byRecordingId, problems } from '../schemas.ts'
import { tooLarge } from './recording-chunks.ts'
import type { ShowRecording } from './recording-view.ts'

/** A request is ended if no bytes of its form arrive for this time. */
const IDLE_LIMIT_MS = 60_000

const closing = {
  chunks: {
    type: 'integer',
    minimum: 0,
    maximum: MAX_CHUNKS,
    description:
      'The total number of chunks. Default: the received chunk with the highest number is the last.',
  },
  allow_gaps: {
    type: 'boolean',
    description: 'Whether to close the recording without its missing chunks. The video is then `incomplete`.',
  },
  is_final: { type: 'boolean', description: 'With `false`, the recording stays open.' },
} as const
const finalizeBody = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: closing,
} as const
type Closing = NonNullable<FromSchema<typeof finalizeBody>>

const form = {
  type: 'object',
  properties: {
    chunk: { type: 'string', format: 'binary' },
    index: { type: 'integer', minimum: 0, maximum: MAX_CHUNKS - 1, description: 'The number of the chunk.' },
    ...closing,
  },
} as const

/** Closes recordings, with or without the last chunk, and receives chunks as forms, for recorders that send forms. */
export async function formRoutes(
  app: FastifyInstance,
  { recordings, show }: { recordings: Recordings; show: ShowRecording },
): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      fileSize: MAX_CHUNK_BYTES,
      files: 1,
      fields: 4,
      fieldSize: 20,
      fieldNameSize: 20,
      headerPairs: 100,
    },
  })
  const respond = async (id: string, { chunks, allow_gaps, is_final }: Closing) => {
    if (is_final) await recordings.finalize(id, { count: chunks, allowGaps: allow_gaps ?? false })
    else await recordings.join(id)
    return show(id)
  }

  typed(app).post(
    '/recordings/:id/chunks',
    {
      config: { access: 'write', owned: 'recordings', body: 'upload' },
      schema: {
        tags: ['recordings'],
        operationId: 'postChunk',
        summary: 'Send a chunk as a form',
        description:
          'Like PUT, with the number in the field `index`. With `is_final`, the chunk is the last one and closes the recording.',
        consumes: ['multipart/form-data'],
        params: byRecordingId,
        ...({ 'x-body': { ...form, required: ['chunk', 'index'] } } as object),
        response: { 200: { $ref: 'Recording#' }, ...problems(400, 404, 409, 410, 413, 415, 423, 507) },
      },
    },
    async request => {
      if (!request.isMultipart())
        throw new ApiError(415, 'unsupported_media_type', 'The body must be multipart/form-data.')
      const { id } = request.params
      return respond(id, { is_final: false, ...(await receiveForm(request, id, recordings)) })
    },
  )

  typed(app).post(
    '/recordings/:id/finalize',
    {
      config: { access: 'write', owned: 'recordings' },
      schema: {
        tags: ['recordings'],
        operationId: 'finalizeRecording',
        summary: 'Close a recording',
        description:
          'The recording is finished and the processing of its video begins. The request can be a form with the last chunk in `chunk` and its number in `index`. Repeating the request has no effect.',
        consumes: ['application/json', 'multipart/form-data'],
        params: byRecordingId,
        body: finalizeBody,
        // For the OpenAPI document only. The parts are checked while they are read.
        ...({ 'x-form': form } as object),
        response: { 200: { $ref: 'Recording#' }, ...problems(400, 404, 409, 410, 413, 415, 423, 507) },
      },
    },
    async request => {
      const { id } = request.params
      const options = request.isMultipart() ? await receiveForm(request, id, recordings) : request.body
      return respond(id, { is_final: true, ...options })
    },
  )
}

/** Stores the chunk of a form, if it has one. @returns the other fields. @throws ApiError */
async function receiveForm(
  request: Pick<FastifyRequest, 'raw' | 'parts'>,
  id: string,
  recordings: Recordings,
): Promise<Closing> {
  const { socket } = request.raw
  const onIdle = () => request.raw.destroy(new Error('the body paused for too long'))
  socket.setTimeout(IDLE_LIMIT_MS).on('timeout', onIdle)
  const fields: Record<string, string> = {}
  let received: ReceivedChunk | undefined
  try {
    await recordings.state(id)
    for await (const part of formParts(request)) {
      if (part.type === 'field') {
        if (part.fieldname === 'chunk')
          throw new ApiError(
            400,
            'invalid_request',
            'chunk must be a file. Its part needs a filename.',
            'chunk',
          )
        if (part.fieldname !== 'index' && !Object.hasOwn(closing, part.fieldname))
          throw unexpected(part.fieldname)
        fields[part.fieldname] = String(part.value)
      } else {
        if (part.fieldname !== 'chunk') throw unexpected(part.fieldname)
        const { file } = part
        const verify = () => {
          if (file.truncated) throw tooLarge()
        }
        received = await recordings.receive(
          id,
          { bytes: file, verify },
          await recordings.reserve(id, atMost(announcedBytes(request.raw))),
        )
      }
    }
    const index = count(fields, 'index', MAX_CHUNKS - 1)
    if (received && index === undefined)
      throw new ApiError(
        400,
        'invalid_request',
        'index is missing. It must be the number of the chunk.',
        'index',
      )
    const isFinal = flag(fields, 'is_final')
    const chunks = count(fields, 'chunks', MAX_CHUNKS) ?? (isFinal && received ? index! + 1 : undefined)
    const allowGaps = flag(fields, 'allow_gaps')
    if (received) {
      // If `enter` fails, it removes the chunk itself.
      const chunk = received
      received = undefined
      await recordings.enter(id, index!, chunk)
    }
    return {
      ...(chunks !== undefined && { chunks }),
      ...(isFinal !== undefined && { is_final: isFinal }),
      ...(allowGaps !== undefined && { allow_gaps: allowGaps }),
    }
  } catch (error) {
    if (received) await recordings.drop(received)
    throw asRefusal(error)
  } finally {
    // Discard the rest of the body. Unread, it would block the connection until the client closes it.
    request.raw.resume()
    socket.off('timeout', onIdle)
  }
}

function count(fields: Readonly<Record<string, string>>, name: string, max: number): number | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value) && Number(value) <= max) return Number(value)
  throw new ApiError(400, 'invalid_request', `${name} must be a whole number from 0 to ${max}.`, name)
}

function flag(fields: Readonly<Record<string, string>>, name: string): boolean | undefined {
  const value = fields[name]?.toLowerCase()
  if (value === undefined) return undefined
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new ApiError(400, 'invalid_request', `${name} must be true or false.`, name)
}
