import type { FastifyRequest } from 'fastify'
import { getSourceRow, notePlayed } from '../../../videos/catalogue/videos.ts'
import { endWithVideo } from '../../end-with-video.ts'
import { mediaHeaders, sendMedia } from '../../media-response.ts'
import { PlayedFiles } from '../../played-file.ts'
import type { TypedApp } from '../../schema-types.ts'
import { byOldId, type OldApiDeps, resolveId } from './old-api.ts'
import { videoFailures } from './responses.ts'

const film = { 'video/mp4': { schema: { type: 'string', format: 'binary' } } } as const

/** `GET /api/videos/{id}/stream` */
export function oldStreamRoute(app: TypedApp, deps: OldApiDeps): void {
  const { db, storage, watcher, accelRedirect } = deps
  const played = new PlayedFiles(db, storage)
  app.get(
    '/videos/:id/stream',
    {
      config: { access: 'read', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldStreamVideo',
        summary: 'Play a video',
        params: byOldId,
        headers: mediaHeaders,
        response: {
          200: { description: 'The whole file.', content: film },
          206: { description: 'The requested range.', content: film },
          ...videoFailures(404, 412, 416),
        },
      },
    },
    async (request, reply) => {
      const id = await resolveId(db, request, 'video', request.params.id)
      const video = await getSourceRow(db, id)
      const rendition = await played.find(video, reply)
      if (isPlaybackStart(request)) await notePlayed(db, id)
      endWithVideo(reply, video, watcher)
      return sendMedia(request, reply, {
        storage,
        accelRedirect,
        key: rendition?.storage_key ?? video.storage_key,
        // Before `probe`, the type is unknown. The old application assumed MP4 for every file.
        contentType: rendition?.content_type ?? video.content_type ?? 'video/mp4',
        disposition: 'inline',
        filename: `${video.title}.mp4`,
        lastModified: rendition?.created_at ?? video.created_at,
        sha256: rendition ? null : video.sha256,
      })
    },
  )
}

/** Whether a player starts to play. Its later requests have ranges that start after the first byte. */
function isPlaybackStart({
  method,
  headers: { range },
}: Pick<FastifyRequest, 'method' | 'headers'>): boolean {
  return method === 'GET' && (range === undefined || /^bytes=0-/.test(range))
}
