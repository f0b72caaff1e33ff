import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../base/errors.ts'
import { announcedBytes, requestBody } from '../../uploads/core/request-body.ts'
import { exactly } from '../../uploads/core/space-reservations.ts'
import { isBodyTooLarge } from '../../uploads/core/upload-errors.ts'
import { digestCheck } from '../../uploads/ietf/digest-fields.ts'
import type { ChunkBody } from '../../uploads/recordings/receive-chunk.ts'
import { MAX_CHUNK_BYTES, MAX_CHUNKS } from '../../uploads/recordings/recording-rules.ts'
import type { Recordings } from '../../uploads/recordings/recordings.ts'
import { takeAnyBody } from '../any-body.ts'
import { typed } from '../schema-types.ts'
import { byRecordingId, problems } from '../schemas.ts'
import type { ShowRecording } from './recording-view.ts'

const n = {
  type: 'integer',
  minimum: 0,
  maximum: MAX_CHUNKS - 1,
  description: 'The number of the chunk; the first is 0.',
} as const

const byChunk = {
  ...byRecordingId,
  required: ['id', 'n'],
  properties: { ...byRecordingId.properties, n },
} as const

/** `PUT /recordings/{id}/chunks/{n}`: the body is the chunk. */
export async function chunkRoutes(
  app: FastifyInstance,
  { recordings, show }: { recordings: Recordings; show: ShowRecording },
): Promise<void> {
  takeAnyBody(app)

  typed(app).put(
    '/recordings/:id/chunks/:n',
    {
      config: { access: 'write', owned: 'recordings', body: 'upload' },
      schema: {
        tags: ['recordings'],
        operationId: 'putChunk',
        summary: 'Send a chunk',
        description:
          'Chunks can be sent in any order and in parallel, up to 255 numbers and 256 MiB after the first missing chunk. Repeating a chunk ' +
          `has no effect. A chunk can have up to ${MAX_CHUNK_BYTES} bytes. If the request has \`Content-Digest\`, it is verified. ` +
          'The response confirms that the chunk is stored durably.',
        consumes: ['application/octet-stream'],
        params: byChunk,
        // For the OpenAPI document only. The body is read as a stream.
        ...({ 'x-body': { type: 'string', format: 'binary' } } as object),
        response: { 200: { $ref: 'Recording#' }, ...problems(400, 404, 409, 410, 413, 507) },
      },
    },
    async request => {
      const { id, n } = request.params
      const { raw } = request
      try {
        const chunk = chunkBodyOf(request)
        const expected = await recordings.expect(id, n, exactly(announcedBytes(raw)))
        if (expected.known) await recordings.compare(expected.known, chunk)
        else await recordings.enter(id, n, await recordings.receive(id, chunk, expected.reservation))
        await recordings.join(id)
        return await show(id)
      } catch (error) {
        throw isBodyTooLarge(error) ? tooLarge() : error
      }
    },
  )
}

/** The chunk in the body of a request. @throws ApiError 400 for a malformed digest, 413 for a chunk that is too large. */
function chunkBodyOf({ raw, headers }: Pick<FastifyRequest, 'raw' | 'headers'>): ChunkBody {
  if ((announcedBytes(raw) ?? 0) > MAX_CHUNK_BYTES) throw tooLarge()
  const digest = digestCheck('Content-Digest', String(headers['content-digest'] ?? ''))
  return {
    bytes: requestBody(raw, { signal: new AbortController().signal, limit: MAX_CHUNK_BYTES }),
    ...(digest && { update: part => digest.update(part) }),
    verify: () => {
      if (!raw.complete || !raw.readableEnded)
        throw new ApiError(400, 'broken_off', 'The request was cut off. The chunk was not stored.')
      digest?.verify()
    },
  }
}

export function tooLarge(): ApiError {
  return new ApiError(413, 'too_large', `A chunk may have at most ${MAX_CHUNK_BYTES} bytes.`)
}
