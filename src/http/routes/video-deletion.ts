import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import type { Signal } from '../../base/signal.ts'
import type { Schema } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { type DeleteVideo, terminateUnfinished, type UnfinishedDeps } from '../../uploads/core/termination.ts'
import { deleteVideo, type Precondition, requireSeen } from '../../videos/catalogue/edit-video.ts'
import { getVideoRow } from '../../videos/catalogue/videos.ts'
import { canSee } from '../../videos/catalogue/viewer.ts'
import { type ExpectedVersions, expectedVersions } from '../conditional.ts'
import { type ById, byId, problems } from '../schemas.ts'

export interface DeletionParts {
  readonly db: Kysely<Schema>
  readonly storage: ObjectStorage
  readonly signal: Signal
}

/** The conditional headers of a change of a video. */
export const ifMatch = {
  type: 'object',
  properties: {
    'if-match': { type: 'string', description: 'Entity tags that the video has to have one of, or `*`.' },
    'if-none-match': { type: 'string', description: 'Entity tags that it may not have, or `*`.' },
  },
} as const

/** The versions of a video that a request may change. Only the part of the entity tag before the dash counts: processing leaves it alone. */
export function seenIn(headers: IncomingHttpHeaders): ExpectedVersions | undefined {
  return expectedVersions(headers, tag => tag.split('-')[0]!)
}

/** Removes the files of deleted videos. The sweeper does it later if that fails here. */
export async function clearAway(
  { db, storage, signal }: DeletionParts,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  signal.emit('events')
  await removeNoted(db, storage).catch(err => log.warn({ err }, 'files are left to be removed'))
}

/**
 * DELETE of an upload that is a video: with the rights, conditions and effects of `DELETE /videos/{id}`. The guard has checked scope and
 * owner.
 */
export function deletionByUpload(parts: DeletionParts, log: Logger): DeleteVideo {
  return async (id, { context, headers }) => {
    if (context.link)
      throw new ApiError(
        403,
        'upload_finished',
        'The upload is a video now, and its link cannot delete videos: use a key and DELETE /videos/{id}.',
      )
    await deleteVideo(parts.db, id, context.requestId, seenIn(headers))
    await clearAway(parts, log)
  }
}

const MAX_BULK_VIDEOS = 100

export const deletionsSchema = {
  $id: 'Deletions',
  type: 'object',
  required: ['results'],
  properties: {
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'result'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          result: { type: 'string', enum: ['deleted', 'not_found'] },
        },
      },
    },
  },
} as const

export interface DeletionRouteParts extends DeletionParts, UnfinishedDeps {
  readonly reserve: Reserve
}

/**
 * Deletes a video. If it is being uploaded, its upload ends: the request that sends bytes is told that the upload was deleted.
 * @throws ApiError 404 if there is no such video, 412 if it is not what its client has seen, 423 if the upload's writer does not let go.
 */
async function removeVideo(
  parts: DeletionRouteParts,
  id: string,
  { requestId, isSeen }: { requestId: string; isSeen?: Precondition | undefined },
): Promise<void> {
  const { db, reserve } = parts
  const { status } = await getVideoRow(db, id)
  if (status === 'uploading') {
    // Before its writer is asked to end, and once more in the transaction.
    await requireSeen(db, id, isSeen)
    if (await terminateUnfinished(parts, id, trx => requireSeen(trx, id, isSeen))) return
  }
  // It can have been finished since: it is deleted like any other then.
  await reserve.spend(() => deleteVideo(db, id, requestId, isSeen))
}

/** Deleting videos. */
export async function videoDeletionRoutes(app: FastifyInstance, parts: DeletionRouteParts): Promise<void> {
  const { db } = parts
  app.delete<ById>(
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
        headers: ifMatch,
        response: { 204: { type: 'null', description: 'It is gone.' }, ...problems(400, 404, 412, 423) },
      },
    },
    async (request, reply) => {
      await removeVideo(parts, request.params.id, { requestId: request.id, isSeen: seenIn(request.headers) })
      await clearAway(parts, request.log)
      return reply.code(204).send()
    },
  )

  app.delete<{ Body: { ids: string[] } }>(
    '/videos',
    {
      config: { access: 'write' },
      schema: {
        tags: ['videos'],
        operationId: 'deleteVideos',
        summary: 'Delete several videos',
        description:
          'Each of them is deleted completely or not at all. A failure leaves the videos after it.',
        body: {
          type: 'object',
          required: ['ids'],
          additionalProperties: false,
          properties: {
            ids: {
              type: 'array',
              minItems: 1,
              maxItems: MAX_BULK_VIDEOS,
              items: { type: 'string', format: 'uuid' },
            },
          },
        },
        response: { 200: { $ref: 'Deletions#' }, ...problems(400, 413, 415) },
      },
    },
    async request => {
      const results: { id: string; result: 'deleted' | 'not_found' }[] = []
      for (const id of new Set(request.body.ids.map(id => id.toLowerCase())))
        results.push({ id, result: await deleteOne(id, request) })
      await clearAway(parts, request.log)
      return { results }
    },
  )

  async function deleteOne(id: string, request: FastifyRequest): Promise<'deleted' | 'not_found'> {
    if (!(await canSee(db, request.access, 'videos', id))) return 'not_found'
    try {
      await removeVideo(parts, id, { requestId: request.id })
      return 'deleted'
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return 'not_found'
      throw error
    }
  }
}
