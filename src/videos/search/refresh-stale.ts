import type { Kysely } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import { refreshSearch, SEARCH_LAYOUT_VERSION } from './search-index.ts'

/** Maximum number of rows per call, because the service waits for the call when it stops. */
const MAX_ROWS = 50

/** Rewrites some rows of the search index that an older version of the service wrote. @returns their number. */
export async function refreshStaleSearch(db: Kysely<Schema>): Promise<number> {
  const rows = await db
    .selectFrom('video_search')
    .select('video_id')
    .where('layout', '<', SEARCH_LAYOUT_VERSION)
    .limit(MAX_ROWS)
    .execute()
  for (const { video_id } of rows) {
    await db.transaction().execute(async trx => {
      // Without the lock, an edit between reading the texts and writing the row would be missing from the index.
      await trx.selectFrom('videos').select('id').where('id', '=', video_id).forUpdate().execute()
      await refreshSearch(trx, video_id)
    })
  }
  return rows.length
}
