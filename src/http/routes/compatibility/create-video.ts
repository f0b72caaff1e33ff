import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { finishReceived, type ReceivedUpload, receiveBody } from '../../../uploads/core/receive.ts'
import { announcedBytes } from '../../../uploads/core/request-body.ts'
import { atMost } from '../../../uploads/core/space-reservations.ts'
import { readForm } from './form.ts'
import type { Form } from './form-file.ts'
import type { OldApiDeps } from './old-api.ts'
import { FieldsError, oneVideo, success, videoFailures } from './responses.ts'
import { showVideo } from './show-video.ts'

const FILES = ['video', 'video_binary']
export const REQUIRED = 'This field is required.'
const EMPTY = 'The submitted file is empty.'

const videoForm = {
  type: 'object',
  required: ['title', 'video'],
  properties: {
    title: { type: 'string', examples: ['Team meeting'] },
    description: { type: 'string' },
    video: { type: 'string', format: 'binary' },
  },
} as const

/** `POST /api/videos` */
export function oldCreateRoute(app: FastifyInstance, deps: OldApiDeps): void {
  app.post(
    '/videos',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldCreateVideo',
        summary: 'Upload a video in one request',
        description:
          'Send a form, or JSON with the file as base64 or as a `data:` URL. The field of the file is `video` or `video_binary`. ' +
          'On unreliable networks use `/uploads` (tus 1.0.0) instead.',
        consumes: ['multipart/form-data', 'application/json'],
        ...({ 'x-body': videoForm } as object),
        response: { 201: oneVideo('The video was uploaded.'), ...videoFailures(400, 413, 415, 507) },
      },
    },
    async (request, reply) => {
      const id = await createVideo(deps, request)
      return reply.code(201).send(success('The video was uploaded.', await showVideo(deps, id)))
    },
  )
}

interface ReceivedFile {
  readonly upload: ReceivedUpload
  /** Name of its field. */
  readonly field: string
  readonly filename: string | undefined
  readonly mediaType: string | undefined
}

/** @returns the id of the video. @throws ApiError 400, 413, 415, 507, after removing the received bytes. */
async function createVideo(deps: OldApiDeps, request: FastifyRequest): Promise<string> {
  const { store } = deps
  let file: ReceivedFile | undefined
  try {
    const form = await receiveForm(deps, request, received => {
      file = received
    })
    const { title = '', description = '' } = form
    const { upload, filename, mediaType } = requireFields(title, file)
    // If `finishReceived` fails, it removes the upload itself.
    file = undefined
    await finishReceived(store, upload, {
      title,
      description,
      filename: filename ?? null,
      filetype: mediaType ?? null,
    })
    return upload.id
  } catch (error) {
    if (file) await store.remove(file.upload.id)
    throw error
  }
}

/** Reads the form and stores its file. @param onFile called when the file is stored, before the rest of the form is read. */
async function receiveForm(
  { store, maxSize }: OldApiDeps,
  request: FastifyRequest,
  onFile: (file: ReceivedFile) => void,
): Promise<Form> {
  const uploader = { requestId: request.id, owner: request.access.owner }
  const sender = { uploader, announced: atMost(announcedBytes(request.raw)) }
  let hasFile = false
  return readForm(
    request,
    { files: FILES, maxBytes: maxSize },
    async (field, { bytes, filename, mediaType }) => {
      if (hasFile)
        throw new ApiError(400, 'invalid_request', 'A request can contain only one video.', 'video')
      hasFile = true
      const upload = await receiveBody(store, Readable.from(bytes, { objectMode: false }), sender)
      onFile({ upload, field, filename, mediaType })
    },
  )
}

/** @throws FieldsError that names every missing field. */
function requireFields(title: string, file: ReceivedFile | undefined): ReceivedFile {
  const missing = {
    ...(!title.trim() && { title: [REQUIRED] }),
    ...(!file && { video: [REQUIRED] }),
    ...(file?.upload.offset === 0 && { [file.field]: [EMPTY] }),
  }
  if (!file || Object.keys(missing).length > 0) throw new FieldsError(missing)
  return file
}
