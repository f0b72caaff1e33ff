import type { FastifyReply } from 'fastify'
import type { Db } from '../../database/schema.ts'
import { editVersion } from '../../videos/catalogue/edit-video.ts'
import { getVideo, versionOf } from '../../videos/catalogue/videos.ts'
import { viewVideo } from './video-view.ts'

/**
 * A video as the API shows it, with its entity tag. The tag changes with every change of the response. If-Match compares only the part
 * before the dash (`changeVideo`). @throws ApiError 404
 */
export async function showTagged({ db, base }: { db: Db; base: string }, reply: FastifyReply, id: string) {
  const video = await getVideo(db, id)
  const etag = `"${editVersion(video)}-${versionOf(video)}"`
  reply.headers({ etag, 'cache-control': 'private, no-cache' })
  return { etag, view: viewVideo(video, base) }
}
