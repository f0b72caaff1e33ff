import type { Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { sha256Hex, sha256Stream } from '../../base/hash.ts'
import type { Schema } from '../../database/schema.ts'
import type { StoredResponse } from '../../uploads/core/idempotent-requests.ts'
import type { UploadMetadata } from '../../uploads/core/metadata.ts'
import { finishReceived, receiveBody, type Sender } from '../../uploads/core/receive.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { findVideo, getVideo, hasSource } from '../../videos/catalogue/videos.ts'
import { type IdempotentWork, idempotencyHeader, runOnce } from '../idempotency.ts'
import { problems } from '../schemas.ts'
import { MAX_FORM_FIELDS, MAX_FORM_OVERHEAD_BYTES, readVideoForm } from './video-form.ts'
import { viewVideo } from './video-view.ts'

export interface PostVideoDeps {
  readonly db: Kysely<Schema>
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
  readonly store: UploadStore
  /** Limit of an upload in bytes. */
  readonly maxSize: number
}

const videoForm = {
  type: 'object',
  required: ['video'],
  properties: {
    title: {
      type: 'string',
      description: 'At most 500 characters are kept. Default: the name of the file.',
    },
    description: { type: 'string', description: 'At most 10,000 characters are kept.' },
    language: {
      type: 'string',
      description: 'A BCP 47 tag. Any other text is ignored.',
      examples: ['en'],
    },
    tags: { type: 'string', description: 'Separated by commas.', examples: ['team,weekly'] },
    video: { type: 'string', format: 'binary', description: 'The file.' },
  },
} as const

/** `POST /videos`: one multipart request, for scripts and forms. The file is streamed to storage and finished like any upload. */
export async function postVideoRoute(app: FastifyInstance, deps: PostVideoDeps): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: true,
    limits: {
      fileSize: deps.maxSize,
      files: 1,
      fields: MAX_FORM_FIELDS,
      fieldSize: 64 * 1024,
      fieldNameSize: 100,
      headerPairs: 100,
    },
  })

  app.post(
    '/videos',
    {
      config: { access: 'write' },
      schema: {
        tags: ['videos'],
        operationId: 'createVideo',
        summary: 'Upload a video in one request',
        description:
          'On unreliable networks use `/uploads` (tus 1.0.0) instead. An invalid text does not prevent the upload: its valid part is kept. ' +
          'Unknown fields are ignored. A second file is an error.',
        consumes: ['multipart/form-data'],
        headers: { type: 'object', properties: idempotencyHeader },
        // For the OpenAPI document only. The parts are checked while they are read.
        ...({ 'x-body': videoForm } as object),
        response: { 201: { $ref: 'Video#' }, ...problems(400, 409, 413, 415, 422, 507) },
      },
    },
    async (request, reply) => {
      if (!request.isMultipart()) {
        throw new ApiError(
          415,
          'unsupported_media_type',
          'The body must be multipart/form-data with a file in the field "video".',
        )
      }
      const { db, store } = deps
      const { status, headers, body } =
        request.headers['idempotency-key'] === undefined
          ? await createVideo(deps, request)
          : await runOnce(db, request, reply, 'POST /videos', idempotentWork(deps, request), store.limits)
      return reply
        .code(status as 201)
        .headers(headers)
        .send(body as never)
    },
  )
}

/** Creates a video. @param id default: a new id. @param saveHash called with the hash of the request before the video is committed. */
async function createVideo(
  deps: PostVideoDeps,
  request: FastifyRequest,
  id?: string,
  saveHash?: (fingerprint: string) => Promise<void>,
): Promise<StoredResponse> {
  const { store } = deps
  const hash = saveHash && sha256Stream()
  const { received, metadata } = await readVideoForm(
    request,
    file => receiveBody(store, hash ? hashed(file, hash) : file, senderOf(request), id),
    upload => store.remove(upload.id),
  )
  if (hash) await saveHash(fingerprintOf(metadata, hash))
  await finishReceived(store, received, metadata)
  return describe(deps, received.id)
}

async function describe({ db, base }: PostVideoDeps, id: string): Promise<StoredResponse> {
  const video = viewVideo(await getVideo(db, id), base)
  return { status: 201, headers: { location: video.links.self }, body: video }
}

function idempotentWork(deps: PostVideoDeps, request: FastifyRequest): IdempotentWork {
  return {
    create: (id, saveHash) => createVideo(deps, request, id, saveHash),
    async findCreated(id) {
      const video = await findVideo(deps.db, id)
      if (video && hasSource(video)) return describe(deps, id)
      // Otherwise reconciliation could create a second video from the received bytes.
      await deps.store.remove(id).catch(() => {})
      return undefined
    },
    async fingerprint() {
      const hash = sha256Stream()
      const update = async (file: Readable) => {
        for await (const chunk of file) hash.update(chunk)
      }
      const { metadata } = await readVideoForm(request, update, async () => {})
      return fingerprintOf(metadata, hash)
    },
  }
}

/** A hash of the content of a form. Boundaries and the order of fields do not change it. */
function fingerprintOf(metadata: UploadMetadata, file: Hash): string {
  const fields = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return sha256Hex(JSON.stringify([fields, file.digest('hex')]))
}

function hashed(file: Readable, hash: Hash): Readable {
  const chunks = async function* () {
    for await (const chunk of file) {
      hash.update(chunk)
      yield chunk
    }
  }
  return Readable.from(chunks(), { objectMode: false })
}

function senderOf({ id, access, headers }: FastifyRequest): Sender {
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  const announced =
    length === undefined ? undefined : { least: Math.max(0, length - MAX_FORM_OVERHEAD_BYTES), most: length }
  return { uploader: { requestId: id, owner: access.owner }, announced }
}
