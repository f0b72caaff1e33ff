import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { currentTranscripts } from '../current-transcripts.ts'
import { searchConfigOf } from './search-text.ts'
import { searchVectors } from './search-vectors.ts'

/** Version of the rows that `refreshSearch` writes. Increase it with every change, so that the service rewrites older rows (refresh-stale.ts). */
export const SEARCH_LAYOUT_VERSION = 2

/**
 * Updates the search row of a video from its title, description and current transcript. Call it in the transaction that changes any of
 * these. A video that is being uploaded has no search row.
 */
export async function refreshSearch(db: Db, videoId: string): Promise<void> {
  const video = await db
    .selectFrom('videos')
    .leftJoin('video_search', 'video_search.video_id', 'videos.id')
    .where('videos.id', '=', videoId)
    .where('videos.status', '<>', 'uploading')
    .select([
      'videos.title',
      'videos.description',
      'videos.language',
      'videos.owner',
      sql<number>`coalesce(video_search.n, nextval('video_search_order'))`.as('n'),
    ])
    .executeTakeFirst()
  if (!video) return
  const transcript = await currentTranscripts(db, [videoId]).select(['text', 'language']).executeTakeFirst()
  const config = searchConfigOf(transcript?.language ?? video.language)
  const row = {
    layout: SEARCH_LAYOUT_VERSION,
    config,
    ...searchVectors({ ...video, spoken: transcript?.text ?? '', config }),
  }
  await db
    .insertInto('video_search')
    .values({ video_id: videoId, n: video.n, ...row })
    .onConflict(conflict => conflict.column('video_id').doUpdateSet(row))
    .execute()
}
