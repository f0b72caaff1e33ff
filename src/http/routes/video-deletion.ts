import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import type { ExpectedVersions } from '../../base/expected-versions.ts'
import type { Signal } from '../../base/signal.ts'
import type { Schema } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { type DeleteVideo, terminateUnfinished, type UnfinishedDeps } from '../../uploads/core/termination.ts'
import { deleteVideo, requireExpected } from '../../videos/catalogue/edit-video.ts'
import { getVideoRow } from '../../videos/catalogue/videos.ts'
import { canSee } from '../../videos/catalogue/viewer.ts'
import { type FromSchema, type TypedApp, typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import { changeHeaders, changeVideo } from './video-conditions.ts'

export interface FileRemovalDeps {
  readonly db: Kysely<Schema>
  readonly storage: ObjectStorage
  readonly signal: Signal
}

export interface DeletionDeps extends FileRemovalDeps, UnfinishedDeps {
  readonly reserve: Reserve
}

/** Removes the files of deleted videos. If that fails here, the sweeper does it later. */
export async function removeFiles(
  { db, storage, signal }: FileRemovalDeps,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  signal.emit('events')
  await removeNoted(db, storage).catch(err => log.warn({ err }, 'the files of deleted videos remain'))
}

/**
 * DELETE of an upload that is a video: with the permissions, conditions and effects of `DELETE /videos/{id}`. The guard has checked scope
 * and owner.
 */
export function deletionByUpload(deps: FileRemovalDeps, log: Logger): DeleteVideo {
  return async (id, { context, headers }) => {
    if (context.link)
      throw new ApiError(
        403,
        'upload_finished',
        'The upload is a video now, and its link cannot delete videos: use a key and DELETE /videos/{id}.',
      )
    await changeVideo(headers, expected => deleteVideo(deps.db, id, context.requestId, expected))
    await removeFiles(deps, log)
  }
}

/**
 * Deletes a video. If it is being uploaded, its upload ends: the request that sends bytes gets an error.
 * @throws ApiError 404 if there is no such video, 423 if the upload's writer does not release its lock; UnexpectedVersion.
 */
async function removeVideo(
  deps: DeletionDeps,
  id: string,
  requestId: string,
  expected?: ExpectedVersions,
): Promise<void> {
  const { db, reserve } = deps
  const { status } = await getVideoRow(db, id)
  if (status === 'uploading') {
    // Checked before the writer is asked to end, and again in the transaction.
    await requireExpected(db, id, expected)
    if (await terminateUnfinished(deps, id, trx => requireExpected(trx, id, expected))) return
  }
  // The upload may have finished in between. Then it is deleted like every other video.
  await reserve.spend(() => deleteVideo(db, id, requestId, expected))
}

const MAX_BULK_VIDEOS = 100
const uuid = { type: 'string', format: 'uuid' } as const

const deletionSchema = {
  type: 'object',
  required: ['id', 'result'],
  properties: { id: uuid, result: { type: 'string', enum: ['deleted', 'not_found'] } },
} as const

export const deletionsSchema = {
  $id: 'Deletions',
  type: 'object',
  required: ['results'],
  properties: { results: { type: 'array', items: deletionSchema } },
} as const

const videoIds = {
  type: 'object',
  required: ['ids'],
  additionalProperties: false,
  properties: { ids: { type: 'array', minItems: 1, maxItems: MAX_BULK_VIDEOS, items: uuid } },
} as const

/** Deleting videos. */
export async function videoDeletionRoutes(app: FastifyInstance, deps: DeletionDeps): Promise<void> {
  deleteRoute(typed(app), deps)
  bulkDeleteRoute(typed(app), deps)
}

function deleteRoute(app: TypedApp, deps: DeletionDeps): void {
  app.delete(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'deleteVideo',
        summary: 'Delete a video',
        description:
          'This also deletes its bytes, artifacts and pending work. A video that is being uploaded is deleted with its upload.',
        params: byId,
        headers: changeHeaders,
        response: { 204: { type: 'null', description: 'Deleted.' }, ...problems(400, 404, 412, 423) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await changeVideo(request.headers, expected => removeVideo(deps, id, request.id, expected))
      await removeFiles(deps, request.log)
      return reply.code(204).send()
    },
  )
}

function bulkDeleteRoute(app: TypedApp, deps: DeletionDeps): void {
  app.delete(
    '/videos',
    {
      config: { access: 'write' },
      schema: {
        tags: ['videos'],
        operationId: 'deleteVideos',
        summary: 'Delete several videos',
        description:
          'Each of them is deleted completely or not at all. After a failure, the rest of the list is not deleted.',
        body: videoIds,
        response: { 200: { $ref: 'Deletions#' }, ...problems(400, 413, 415) },
      },
    },
    async request => {
      const results: FromSchema<typeof deletionSchema>[] = []
      for (const id of new Set(request.body.ids.map(id => id.toLowerCase())))
        results.push({ id, result: await deleteOne(deps, id, request) })
      await removeFiles(deps, request.log)
      return { results }
    },
  )
}

async function deleteOne(
  deps: DeletionDeps,
  id: string,
  { access, id: requestId }: Pick<FastifyRequest, 'access' | 'id'>,
): Promise<'deleted' | 'not_found'> {
  if (!(await canSee(deps.db, access, 'videos', id))) return 'not_found'
  try {
    await removeVideo(deps, id, requestId)
    return 'deleted'
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return 'not_found'
    throw error
  }
}
