import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { Condition } from './list-selection.ts'

/** More videos than this are not counted, because a count reads each of them. */
const MAX_COUNTED = 1000

export interface VideoCount {
  readonly videos: number
  /** Whether there are more videos than `videos`. */
  readonly more: boolean
}

/** Counts videos up to a limit. @param sets as `setsOf` returns them. */
export async function countVideos(db: Db, sets: readonly Condition[]): Promise<VideoCount> {
  let videos = 0
  for (const set of sets) {
    const some = db
      .selectFrom('videos')
      .select('id')
      .where(set)
      .limit(MAX_COUNTED + 1 - videos)
    const { count } = await db
      .selectFrom(some.as('some'))
      .select(sql<number>`count(*)::int`.as('count'))
      .executeTakeFirstOrThrow()
    videos += count
  }
  return { videos: Math.min(videos, MAX_COUNTED), more: videos > MAX_COUNTED }
}
