import { type Selectable, sql } from 'kysely'
import { prepared } from '../../database/prepared.ts'
import type { Db } from '../../database/schema.ts'
import type { TranscriptsTable } from '../../database/tables/transcripts.ts'
import type { VideosTable } from '../../database/tables/videos.ts'
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
  const [video] = await findSearched(db, { videoId })
  if (!video) return
  const [transcript] = await findSpoken(db, { videoId })
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

type Searched = Pick<Selectable<VideosTable>, 'title' | 'description' | 'language' | 'owner'> & { n: number }

const findSearched = prepared<{ readonly videoId: string }, Searched>('find-searched', (db, value) =>
  db
    .selectFrom('videos')
    .leftJoin('video_search', 'video_search.video_id', 'videos.id')
    .where('videos.id', '=', value('videoId'))
    .where('videos.status', '<>', 'uploading')
    .select([
      'videos.title',
      'videos.description',
      'videos.language',
      'videos.owner',
      sql<number>`coalesce(video_search.n, nextval('video_search_order'))`.as('n'),
    ]),
)

type Spoken = Pick<Selectable<TranscriptsTable>, 'text' | 'language'>

const findSpoken = prepared<{ readonly videoId: string }, Spoken>('find-spoken', (db, value) =>
  currentTranscripts(db, [value('videoId')]).select(['text', 'language']),
)
