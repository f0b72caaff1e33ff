import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import type { VideoStatus } from '../../../database/tables/videos.ts'
import { findUpload } from '../../../uploads/core/upload-rows.ts'
import { findVideo, hasSource } from '../../../videos/catalogue/videos.ts'
import { type TypedApp, typed } from '../../schema-types.ts'
import { readForm } from './form.ts'
import { type OldApiDeps, resolveId } from './old-api.ts'
import { recorderChunkRoutes } from './recorder-chunks.ts'
import {
  bySession,
  newRecordingForm,
  newRecordingSchema,
  type RecordedData,
  recordedDataSchema,
} from './recorder-schemas.ts'
import { recorderFailures, sendRecorderError } from './responses.ts'

const STATUSES = {
  uploading: 'recording',
  processing: 'processing',
  ready: 'completed',
  failed: 'failed',
} as const satisfies Record<VideoStatus, string>

/** The API of the old recorder. It uses the same recordings. */
export async function oldRecorderRoutes(app: FastifyInstance, deps: OldApiDeps): Promise<void> {
  app.setErrorHandler(sendRecorderError)
  startRoute(app, deps)
  recorderChunkRoutes(app, deps)
  dataRoute(typed(app), deps)
}

function startRoute(app: FastifyInstance, { recordings }: OldApiDeps): void {
  app.post(
    '/start-recording',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldStartRecording',
        summary: 'Start a recording',
        consumes: ['application/json', 'multipart/form-data'],
        ...({ 'x-body': newRecordingForm } as object),
        response: {
          201: { description: 'The recording was started.', ...newRecordingSchema },
          ...recorderFailures(400, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { title, description } = await readForm(request)
      const metadata = { ...(title && { title }), ...(description && { description }) }
      const uploader = { requestId: request.id, owner: request.access.owner }
      return reply.code(201).send({ session_id: await recordings.create(metadata, uploader) })
    },
  )
}

function dataRoute(app: TypedApp, { db, base }: OldApiDeps): void {
  app.get(
    '/get-recorded-data/:session_id',
    {
      config: { access: 'read', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldGetRecordedData',
        summary: 'Get a recording and the results of its processing',
        params: bySession,
        response: {
          200: { description: 'The recording.', ...recordedDataSchema },
          ...recorderFailures(404),
        },
      },
    },
    async (request): Promise<RecordedData> => {
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
