import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { DAY_S, deleteBinned, restoreVideo } from '../../videos/catalogue/bin.ts'
import { listBin } from '../../videos/catalogue/bin-list.ts'
import { binTotals, inBin } from '../../videos/catalogue/bin-totals.ts'
import { canSee } from '../../videos/catalogue/viewer.ts'
import { type FromSchema, type TypedApp, typed } from '../schema-types.ts'
import { byId, pageCursor, pageLimit, problems } from '../schemas.ts'
import { binListSchema, viewBinned } from './bin-view.ts'
import { showTagged } from './tagged-video.ts'
import { changeHeaders, changeVideo } from './video-conditions.ts'
import { type FileRemovalDeps, removeFiles, videoIds } from './video-deletion.ts'

/** Number of videos that one transaction deletes when the bin is emptied. */
const BATCH_VIDEOS = 200

export interface BinRouteDeps extends FileRemovalDeps {
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

/** Lists, restores and permanently deletes videos in the bin. `DELETE /videos/{id}` moves a video there. */
export async function binRoutes(app: FastifyInstance, deps: BinRouteDeps): Promise<void> {
  listRoute(typed(app), deps)
  emptyRoute(typed(app), deps)
  restoreRoute(typed(app), deps)
  bulkRestoreRoute(typed(app), deps)
}

function listRoute(app: TypedApp, { db, base, config }: BinRouteDeps): void {
  app.get(
    '/videos/bin',
    {
      config: { access: 'read' },
      schema: {
        tags: ['videos'],
        operationId: 'listBin',
        summary: 'List the videos in the bin',
        description: 'The most recently deleted video is first.',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { limit: pageLimit('videos'), cursor: pageCursor },
        } as const,
        response: { 200: binListSchema, ...problems(400) },
      },
    },
    async ({ query, access }): Promise<FromSchema<typeof binListSchema>> => {
      const { items, nextCursor } = await listBin(db, access, query)
      return {
        items: items.map(video => viewBinned(video, { base, keptS: config.binDays * DAY_S })),
        next_cursor: nextCursor,
        ...(await binTotals(db, access)),
      }
    },
  )
}

const emptied = {
  type: 'object',
  required: ['deleted'],
  properties: { deleted: { type: 'integer', description: 'Number of deleted videos.', examples: [3] } },
} as const

function emptyRoute(app: TypedApp, deps: BinRouteDeps): void {
  const { db, reserve } = deps
  app.delete(
    '/videos/bin',
    {
      config: { access: 'write' },
      schema: {
        tags: ['videos'],
        operationId: 'emptyBin',
        summary: 'Delete all videos in the bin permanently',
        description:
          'Deletes all videos that `GET /videos/bin` lists. Their files are removed a few seconds later.',
        response: { 200: emptied, ...problems() },
      },
    },
    async ({ access, log }): Promise<FromSchema<typeof emptied>> => {
      // Videos that move to the bin during this request stay there, because the caller has not seen them in the list.
      const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db)
      const which = sql<boolean>`(${inBin(access)} and binned_at <= ${rows[0]!.now}::timestamptz)`
      let deleted = 0
      for (let batch = BATCH_VIDEOS; batch === BATCH_VIDEOS; deleted += batch)
        batch = await reserve.spend(() => deleteBinned(db, which, BATCH_VIDEOS))
      // Removing the files of a full bin takes longer than a client waits.
      void removeFiles(deps, log)
      return { deleted }
    },
  )
}

function restoreRoute(app: TypedApp, deps: BinRouteDeps): void {
  const { db, reserve, signal } = deps
  app.post(
    '/videos/:id/restore',
    {
      config: { access: 'write', owned: 'all_videos' },
      schema: {
        tags: ['videos'],
        operationId: 'restoreVideo',
        summary: 'Restore a video from the bin',
        description:
          'The video gets back its files, texts and transcript, and its processing continues. The request has no effect if the video is not in the bin.',
        params: byId,
        headers: changeHeaders,
        response: { 200: { $ref: 'Video#' }, ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await changeVideo(request.headers, expected =>
        reserve.spend(() => restoreVideo(db, id, request.id, expected)),
      )
      signal.emit('events')
      signal.emit('steps')
      return (await showTagged(deps, reply, id)).view
    },
  )
}

const restorations = {
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
          result: { type: 'string', enum: ['restored', 'not_found'] },
        },
      },
    },
  },
} as const

function bulkRestoreRoute(app: TypedApp, deps: BinRouteDeps): void {
  const { db, reserve, signal } = deps
  app.post(
    '/videos/restore',
    {
      config: { access: 'write' },
      schema: {
        tags: ['videos'],
        operationId: 'restoreVideos',
        summary: 'Restore several videos from the bin',
        description: 'If one fails, the rest of the list is not restored.',
        body: videoIds,
        response: { 200: restorations, ...problems(400, 413, 415) },
      },
    },
    async ({ access, body, id: requestId }): Promise<FromSchema<typeof restorations>> => {
      const results: { id: string; result: 'restored' | 'not_found' }[] = []
      for (const id of new Set(body.ids.map(id => id.toLowerCase()))) {
        const isVisible = await canSee(db, access, 'all_videos', id)
        const isRestored =
          isVisible && (await restoreIfPresent(() => reserve.spend(() => restoreVideo(db, id, requestId))))
        results.push({ id, result: isRestored ? 'restored' : 'not_found' })
      }
      signal.emit('events')
      signal.emit('steps')
      return { results }
    },
  )
}

async function restoreIfPresent(restore: () => Promise<void>): Promise<boolean> {
  try {
    await restore()
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}
