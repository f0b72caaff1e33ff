import type { Kysely } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import { refreshSearch, SEARCH_LAYOUT_VERSION } from './search-index.ts'

/** Rows rewritten in one call: a stop of the service waits for the call. */
const MAX_ROWS = 50

/**
 * Rewrites rows of the search index that an older version of the service wrote, some in each call. @returns how many.
 */
export async function refreshStaleSearch(db: Kysely<Schema>): Promise<number> {
  const rows = await db
    .selectFrom('video_search')
    .select('video_id')
    .where('layout', '<', SEARCH_LAYOUT_VERSION)
    .limit(MAX_ROWS)
    .execute()
  for (const { video_id } of rows) {
    await db.transaction().execute(async trx => {
      // An edit between reading and writing the texts would be lost from the index.
      await trx.selectFrom('videos').select('id').where('id', '=', video_id).forUpdate().execute()
      await refreshSearch(trx, video_id)
    })
  }
  return rows.length
}
