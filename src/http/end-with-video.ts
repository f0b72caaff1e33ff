import type { FastifyReply } from 'fastify'
import { type VideoRow, versionOf } from '../videos/catalogue/videos.ts'
import type { VideoWatcher } from './video-watcher.ts'

/** Cuts an answer off when its video is deleted, by whichever process: a deleted video does not play to its end. */
export function endWithVideo(reply: FastifyReply, video: VideoRow, watcher: VideoWatcher): void {
  const stop = watcher.watch(video.id, versionOf({ ...video, upload: null }), version => {
    if (version === undefined) reply.raw.destroy()
  })
  reply.raw.on('close', stop)
}
