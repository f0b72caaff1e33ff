import { sql } from 'kysely'
import type { Db } from '../database/schema.ts'

/**
 * The transcript of each video that is shown and searched: the latest revision by a person, or the latest revision if no person has edited
 * it. A machine's text never replaces a person's.
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
