import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import type { ExpectedVersions } from '../../base/expected-versions.ts'
import type { Signal } from '../../base/signal.ts'
import type { Config } from '../../config/config.ts'
import type { Schema } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { type DeleteVideo, terminateUnfinished, type UnfinishedDeps } from '../../uploads/core/termination.ts'
import { discardVideo } from '../../videos/catalogue/bin.ts'
import { deleteVideo, requireExpected } from '../../videos/catalogue/edit-video.ts'
import { isUploading } from '../../videos/catalogue/videos.ts'
import { canSee } from '../../videos/catalogue/viewer.ts'
import { type FromSchema, type TypedApp, typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import { changeHeaders, changeVideo } from './video-conditions.ts'

export interface FileRemovalDeps {
  readonly db: Kysely<Schema>
  readonly storage: ObjectStorage
  readonly signal: Signal
  readonly reserve: Reserve
  readonly config: Pick<Config, 'binDays'>
}

export interface DeletionDeps extends FileRemovalDeps, UnfinishedDeps {}

/** Removes the files of deleted videos. If this fails, the sweeper removes them later. */
export async function removeFiles(
  { db, storage, signal }: FileRemovalDeps,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  signal.emit('events')
  await removeNoted(db, storage).catch(err =>
    log.warn({ err }, 'the files of deleted videos could not be removed, another attempt follows'),
  )
}

/**
 * Handles DELETE of a finished upload, with the permissions and conditions of `DELETE /videos/{id}?permanent=true`. It never uses the bin,
 * because "the Server MUST free associated resources" (tus 1.0.0, Termination). The guard has checked the scope and the owner.
 */
export function deletionByUpload(deps: FileRemovalDeps, log: Logger): DeleteVideo {
  return async (id, { context, headers }) => {
    if (context.link)
      throw new ApiError(
        403,
        'upload_finished',
        'The upload is finished, and an upload link cannot delete videos. Use a key and DELETE /videos/{id}.',
      )
    await changeVideo(headers, expected => deleteVideo(deps.db, id, context.requestId, expected))
    await removeFiles(deps, log)
  }
}

interface Removal {
  readonly requestId: string
  /** Whether to delete the video permanently instead of moving it to the bin. */
  readonly permanent: boolean
  readonly expected?: ExpectedVersions | undefined
}

/**
 * Moves a video to the bin or deletes it permanently. If it is being uploaded, it is deleted together with its upload, and the request that
 * sends bytes gets an error.
 * @throws ApiError 404 if there is no such video, 423 if the upload's writer does not release its lock; UnexpectedVersion.
 */
async function removeVideo(
  deps: DeletionDeps,
  id: string,
  { requestId, permanent, expected }: Removal,
): Promise<void> {
  const { db, reserve, config } = deps
  if (await isUploading(db, id)) {
    // Checked before the writer is interrupted, and again in the transaction.
    await requireExpected(db, id, expected)
    if (await terminateUnfinished(deps, id, trx => requireExpected(trx, id, expected))) return
  }
  // If the upload has finished in the meantime, the video is deleted like any other.
  await reserve.spend(() =>
    permanent
      ? deleteVideo(db, id, requestId, expected, 'all_videos')
      : discardVideo(db, id, { binDays: config.binDays, requestId, expected }),
  )
}

const permanence = {
  type: 'object',
  properties: {
    permanent: {
      type: 'boolean',
      default: false,
      description:
        'Whether to delete permanently instead of moving to the bin. Also deletes a video that is in the bin. Only this frees space on the disk and in the quota.',
    },
  },
} as const

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

export const videoIds = {
  type: 'object',
  required: ['ids'],
  additionalProperties: false,
  properties: { ids: { type: 'array', minItems: 1, maxItems: MAX_BULK_VIDEOS, items: uuid } },
} as const

export async function videoDeletionRoutes(app: FastifyInstance, deps: DeletionDeps): Promise<void> {
  deleteRoute(typed(app), deps)
  bulkDeleteRoute(typed(app), deps)
}

function deleteRoute(app: TypedApp, deps: DeletionDeps): void {
  app.delete(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'all_videos' },
      schema: {
        tags: ['videos'],
        operationId: 'deleteVideo',
        summary: 'Delete a video',
        description:
          'Moves the video to the bin: its processing stops, and all other routes respond with 404. `POST /videos/{id}/restore` restores it ' +
          'within the number of days in `BIN_DAYS`. With `permanent`, the video and its files are deleted at once. A video that is being ' +
          'uploaded is always deleted at once, together with its upload.',
        params: byId,
        querystring: permanence,
        headers: changeHeaders,
        response: { 204: { type: 'null', description: 'Deleted.' }, ...problems(400, 404, 412, 423) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { permanent } = request.query
      await changeVideo(request.headers, expected =>
        removeVideo(deps, id, { requestId: request.id, permanent, expected }),
      )
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
          'Moves the videos to the bin, or deletes them permanently with `permanent`. Each video is deleted completely or not at all. If one ' +
          'fails, the rest of the list is not deleted.',
        querystring: permanence,
        body: videoIds,
        response: { 200: { $ref: 'Deletions#' }, ...problems(400, 413, 415) },
      },
    },
    async request => {
      const results: FromSchema<typeof deletionSchema>[] = []
      for (const id of new Set(request.body.ids.map(id => id.toLowerCase())))
        results.push({ id, result: await deleteOne(deps, id, request, request.query.permanent) })
      await removeFiles(deps, request.log)
      return { results }
    },
  )
}

async function deleteOne(
  deps: DeletionDeps,
  id: string,
  { access, id: requestId }: Pick<FastifyRequest, 'access' | 'id'>,
  permanent: boolean,
): Promise<'deleted' | 'not_found'> {
  if (!(await canSee(deps.db, access, 'all_videos', id))) return 'not_found'
  try {
    await removeVideo(deps, id, { requestId, permanent })
    return 'deleted'
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return 'not_found'
    throw error
  }
}
