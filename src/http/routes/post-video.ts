import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../base/errors.ts'
import type { UploadMetadata } from '../../uploads/core/metadata.ts'
import { finishReceived, receiveBody, type Sender } from '../../uploads/core/receive.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { findVideo, getVideo, hasSource } from '../../videos/catalogue/videos.ts'
import { asRefusal, formParts, unexpected } from '../form-parts.ts'
import { answerOnce, idempotencyHeader } from '../idempotency.ts'
import { problems } from '../schemas.ts'
import { viewVideo } from './video-view.ts'
import type { VideoRouteParts } from './videos.ts'

const LABELS = ['title', 'description', 'language', 'tags']
/** Forms of pages bring fields of their own along, such as the name of the button: they are ignored. */
const MAX_FIELDS = 100

/** `POST /videos`: one multipart request, for scripts and forms; streamed to storage, finished like every upload. */
export async function postVideoRoute(
  app: FastifyInstance,
  {
    db,
    base,
    store,
    maxSize,
  }: Pick<VideoRouteParts, 'db' | 'base'> & { store: UploadStore; maxSize: number },
): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: true,
    limits: {
      fileSize: maxSize,
      files: 1,
      fields: MAX_FIELDS,
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
          'For what must survive a bad network use `/uploads` (tus 1.0.0). A label that is not valid does not keep the video from being ' +
          'uploaded: what is valid of it is kept. Unknown fields are ignored; a second file is refused.',
        consumes: ['multipart/form-data'],
        headers: { type: 'object', properties: idempotencyHeader },
        // Described here for readers; the parts are checked as they stream in.
        ...({
          'x-body': {
            type: 'object',
            required: ['video'],
            properties: {
              title: { type: 'string', description: 'At most 500 characters are kept.' },
              description: { type: 'string', description: 'At most 10,000 characters are kept.' },
              language: {
                type: 'string',
                description: 'A BCP 47 tag. Anything else is ignored.',
                examples: ['en'],
              },
              tags: { type: 'string', description: 'Separated by commas.', examples: ['team,weekly'] },
              video: { type: 'string', format: 'binary' },
            },
          },
        } as object),
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
      const describe = async (id: string) => {
        const video = viewVideo(await getVideo(db, id), base)
        return { status: 201, headers: { location: video.links.self }, body: video }
      }
      const make = async (id?: string, note?: (fingerprint: string) => Promise<void>) => {
        const hash = note && createHash('sha256')
        const { received, metadata } = await receiveParts(
          request,
          file => receiveBody(store, hash ? hashed(file, hash) : file, senderOf(request), id),
          upload => store.remove(upload.id),
        )
        if (hash) await note(fingerprintOf(metadata, hash))
        await finishReceived(store, received, metadata)
        return describe(received.id)
      }
      const { status, headers, body } =
        request.headers['idempotency-key'] === undefined
          ? await make()
          : await answerOnce(
              db,
              request,
              reply,
              'POST /videos',
              {
                make,
                async made(id) {
                  const video = await findVideo(db, id)
                  if (video && hasSource(video)) return describe(id)
                  // Otherwise what has arrived of it could become a video later, beside the one that is made now.
                  await store.remove(id).catch(() => {})
                  return undefined
                },
                async fingerprint() {
                  const hash = createHash('sha256')
                  const { metadata } = await receiveParts(
                    request,
                    async file => {
                      for await (const chunk of file) hash.update(chunk)
                    },
                    async () => {},
                  )
                  return fingerprintOf(metadata, hash)
                },
              },
              store.limits,
            )
      return reply
        .code(status as 201)
        .headers(headers)
        .send(body as never)
    },
  )
}

/** What a request asks for, whatever its boundaries and the order of its fields. */
function fingerprintOf(metadata: UploadMetadata, file: Hash): string {
  const fields = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([fields, file.digest('hex')]))
    .digest('hex')
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

/** @throws ApiError 400 for a part that has no place here; what was received is removed then. */
async function receiveParts<T>(
  request: FastifyRequest,
  receive: (file: Readable) => Promise<T>,
  remove: (received: T) => Promise<void>,
): Promise<{ received: T; metadata: UploadMetadata }> {
  const metadata: UploadMetadata = {}
  let received: { is: T } | undefined
  try {
    for await (const part of formParts(request, { repeatable: ['tags'] })) {
      if (part.type === 'file') {
        if (part.fieldname !== 'video') throw unexpected(part.fieldname)
        metadata['filename'] = part.filename || null
        metadata['filetype'] = part.mimetype || null
        received = { is: await receive(part.file) }
        if (part.file.truncated)
          throw new ApiError(413, 'too_large', 'The file is larger than the server takes.', 'video')
      } else {
        if (part.fieldname === 'video')
          throw new ApiError(
            400,
            'invalid_request',
            'video must be a file: its part needs a filename.',
            'video',
          )
        if (!LABELS.includes(part.fieldname)) continue
        const before = metadata[part.fieldname]
        metadata[part.fieldname] = before ? `${before},${part.value}` : String(part.value)
      }
    }
    if (!received)
      throw new ApiError(400, 'invalid_request', 'There is no file in the field "video".', 'video')
    return { received: received.is, metadata }
  } catch (error) {
    if (received) await remove(received.is)
    // What is still to come goes nowhere: unread, it would hold the connection for as long as the client likes.
    request.raw.resume()
    throw asRefusal(error)
  }
}

/** What the fields and the form itself may take of a body, in bytes. */
const MAX_FORM_BYTES = 512 * 1024

function senderOf({ id, access, headers }: FastifyRequest): Sender {
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  const announced =
    length === undefined ? undefined : { least: Math.max(0, length - MAX_FORM_BYTES), most: length }
  return { uploader: { requestId: id, owner: access.owner }, announced }
}
