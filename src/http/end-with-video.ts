import type { FastifyReply } from 'fastify'
import { type VideoRow, versionOf } from '../videos/catalogue/videos.ts'
import type { VideoWatcher } from './video-watcher.ts'

/** Ends a response when its video is deleted, by any process, so that a deleted video stops playing. */
export function endWithVideo(reply: FastifyReply, video: VideoRow, watcher: VideoWatcher): void {
  const stop = watcher.watch(video.id, versionOf({ ...video, upload: null }), version => {
    if (version === undefined) reply.raw.destroy()
  })
  reply.raw.on('close', stop)
}
