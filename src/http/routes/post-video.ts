import type { Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { sha256Hex, sha256Stream } from '../../base/hash.ts'
import type { Db, Schema } from '../../database/schema.ts'
import { requestUnderWay, type StoredResponse } from '../../uploads/core/idempotent-requests.ts'
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

async function createVideo(deps: PostVideoDeps, request: FastifyRequest): Promise<StoredResponse> {
  const { store } = deps
  const { received, metadata } = await readVideoForm(
    request,
    file => receiveBody(store, file, senderOf(request)),
    upload => store.remove(upload.id),
  )
  await finishReceived(store, received, metadata)
  return describe(deps, received.id)
}

async function describe({ db, base }: PostVideoDeps, id: string): Promise<StoredResponse> {
  const video = viewVideo(await getVideo(db, id), base)
  return { status: 201, headers: { location: video.links.self }, body: video }
}

function idempotentWork(deps: PostVideoDeps, request: FastifyRequest): IdempotentWork {
  const { db, store } = deps
  return {
    async create(key) {
      const hash = sha256Stream()
      const sender = { ...senderOf(request), id: key.token, claim: (trx: Db) => key.requireHeld(trx) }
      const { received, metadata } = await readVideoForm(
        request,
        file => receiveBody(store, hashed(file, hash), sender),
        upload => store.remove(upload.id),
      )
      const fingerprint = fingerprintOf(metadata, hash)
      await key.saveFingerprint(fingerprint).catch(async error => {
        await store.remove(received.id)
        throw error
      })
      await finishReceived(store, received, metadata)
      return { fingerprint, response: await describe(deps, received.id) }
    },
    async recover(id) {
      // If it stayed, the sweeper could make a second video of the received bytes.
      if (await store.removeUnfinished(id)) return undefined
      const video = await findVideo(db, id)
      if (video && hasSource(video)) return describe(deps, id)
      if (await store.peek(id)) throw requestUnderWay()
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
