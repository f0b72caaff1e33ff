import type { FastifyInstance } from 'fastify'
import { MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH } from '../../../base/limits.ts'
import { validateText } from '../../../base/texts.ts'
import { withinQuota } from '../../../uploads/core/allowance.ts'
import { discardVideo } from '../../../videos/catalogue/bin.ts'
import { updateVideo, type VideoChanges } from '../../../videos/catalogue/edit-video.ts'
import { getSourceRow } from '../../../videos/catalogue/videos.ts'
import { type TypedApp, typed } from '../../schema-types.ts'
import { removeFiles } from '../video-deletion.ts'
import { oldCreateRoute, REQUIRED } from './create-video.ts'
import { readForm } from './form.ts'
import { type Form, MAX_TEXT_CHARACTERS } from './form-file.ts'
import { oldListRoute } from './list-videos.ts'
import { byOldId, type OldApiDeps, resolveId } from './old-api.ts'
import { FieldsError, oneVideo, responseOf, sendVideoError, success, videoFailures } from './responses.ts'
import { showVideo } from './show-video.ts'
import { oldStreamRoute } from './stream-video.ts'

/** The API of the old video application. It uses the same videos. */
export async function oldVideoRoutes(app: FastifyInstance, deps: OldApiDeps): Promise<void> {
  app.setErrorHandler(sendVideoError)
  oldListRoute(app, deps)
  oldCreateRoute(app, deps)
  getRoute(typed(app), deps)
  oldStreamRoute(typed(app), deps)
  updateRoute(typed(app), deps)
  deleteRoute(typed(app), deps)
}

function getRoute(app: TypedApp, deps: OldApiDeps): void {
  app.get(
    '/videos/:id',
    {
      config: { access: 'read', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldGetVideo',
        summary: 'Get a video',
        params: byOldId,
        response: { 200: oneVideo('The video.'), ...videoFailures(404) },
      },
    },
    async request => {
      const id = await resolveId(deps.db, request, 'video', request.params.id)
      return success('The video.', await showVideo(deps, id))
    },
  )
}

const changeForm = {
  type: 'object',
  properties: {
    transcript: { type: 'string', examples: ['Good morning, everyone.'] },
    title: { type: 'string' },
    description: { type: 'string' },
  },
} as const

function updateRoute(app: TypedApp, deps: OldApiDeps): void {
  const { db, store } = deps
  app.put(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'handler', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldUpdateVideo',
        summary: 'Replace the transcript',
        description:
          'Send JSON, a URL-encoded form or a multipart form. `title` and `description` can be changed too.',
        consumes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
        params: byOldId,
        ...({ 'x-body': changeForm } as object),
        response: { 200: oneVideo('The video was changed.'), ...videoFailures(400, 404, 413, 415) },
      },
    },
    async request => {
      const id = await resolveId(db, request, 'video', request.params.id)
      const changes = checkedChanges(await readForm(request))
      await getSourceRow(db, id)
      await updateVideo(db, id, changes, { withinQuota: withinQuota(store.limits) })
      return success('The video was changed.', await showVideo(deps, id))
    },
  )
}

/** @throws ApiError 400 that names the field. */
function checkedChanges({ transcript, title, description }: Form): VideoChanges {
  if (transcript === undefined && title === undefined && description === undefined)
    throw new FieldsError({ transcript: [REQUIRED] })
  if (title?.trim() === '') throw new FieldsError({ title: [REQUIRED] })
  if (transcript !== undefined) validateText('transcript', transcript, MAX_TEXT_CHARACTERS)
  if (title !== undefined) validateText('title', title, MAX_TITLE_LENGTH)
  if (description !== undefined) validateText('description', description, MAX_DESCRIPTION_LENGTH)
  return { transcript, title, description }
}

function deleteRoute(app: TypedApp, deps: OldApiDeps): void {
  app.delete(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldDeleteVideo',
        summary: 'Delete a video',
        params: byOldId,
        response: {
          200: { description: 'Deleted.', ...responseOf('The video was deleted.', { type: 'null' }) },
          ...videoFailures(404),
        },
      },
    },
    async request => {
      const id = await resolveId(deps.db, request, 'video', request.params.id)
      const { binDays } = deps.config
      await deps.reserve.spend(() => discardVideo(deps.db, id, { binDays, requestId: request.id }))
      await removeFiles(deps, request.log)
      return success('The video was deleted.', null)
    },
  )
}
