import type { FastifyReply } from 'fastify'
import type { Db } from '../database/schema.ts'
import { versionsOf } from '../videos/catalogue/videos.ts'
import type { VideoWatcher } from './video-watcher.ts'

/** Breaks an answer off when its video is deleted, by whichever process: what was deleted is not played to its end. */
export function endWithVideo(reply: FastifyReply, id: string, db: Db, watcher: VideoWatcher): void {
  const stop = watcher.watch(id, () => {
    versionsOf(db, [id]).then(
      versions => {
        if (!versions.has(id)) reply.raw.destroy()
      },
      // Where the database cannot be asked now, the next change tells.
      () => {},
    )
  })
  reply.raw.on('close', stop)
}
