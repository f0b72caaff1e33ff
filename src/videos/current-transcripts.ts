import { sql } from 'kysely'
import type { Db } from '../database/schema.ts'

/**
 * The transcript of each video that is shown and searched: a person's latest revision, because no machine's text replaces a person's;
 * else the latest.
 */
export function currentTranscripts(db: Db, videoIds: readonly string[]) {
  return db
    .selectFrom('transcripts')
    .distinctOn('video_id')
    .where('video_id', 'in', videoIds)
    .orderBy('video_id')
    .orderBy(sql`origin = 'person'`, 'desc')
    .orderBy('revision', 'desc')
}
