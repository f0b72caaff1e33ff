import type { Db } from '../../../database/schema.ts'
import { oldIds } from '../../../uploads/core/old-ids.ts'
import { getSourceRow, getVideo, type Video } from '../../../videos/catalogue/videos.ts'
import { type OldVideo, viewOldVideo } from './old-video.ts'

interface ShowDeps {
  readonly db: Db
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

/** Videos in the format of the old API. Imported videos have their old ids. */
export async function showVideos({ db, base }: ShowDeps, videos: readonly Video[]): Promise<OldVideo[]> {
  const known = videos.map(({ id }) => id)
  const ids = await oldIds(db, 'video', known)
  return videos.map(video => viewOldVideo(video, { id: ids.get(video.id) ?? video.id, base }))
}

/** @throws ApiError 404, also while the video is being uploaded, because the old API shows only finished uploads. */
export async function showVideo(deps: ShowDeps, id: string): Promise<OldVideo> {
  await getSourceRow(deps.db, id)
  const [video] = await showVideos(deps, [await getVideo(deps.db, id)])
  return video!
}
