import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { BinnedVideo } from './bin.ts'
import { inBin } from './bin-totals.ts'
import { decodeCursor, encodeCursor, isTimeValue } from './cursor.ts'
import { VIDEO_COLUMNS } from './videos.ts'
import type { Viewer } from './viewer.ts'

export interface BinPage {
  readonly items: readonly BinnedVideo[]
  /** The cursor of the next page; null on the last page. */
  readonly nextCursor: string | null
}

/** Identifies the list in its cursors. */
const BIN = ['bin']

/**
 * One page of the bin, the latest deletion first, with keyset pagination.
 * @throws ApiError 400 for a cursor of another list.
 */
export async function listBin(
  db: Db,
  viewer: Viewer,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<BinPage> {
  const rows = await db
    .selectFrom('all_videos')
    .select([...VIDEO_COLUMNS, 'binned_at'])
    .where(inBin(viewer))
    .$if(cursor !== undefined, query => {
      const [time, id] = decodeCursor(cursor!, BIN, isTimeValue)
      return query.where(sql<boolean>`(binned_at, id) < (${time}::timestamptz, ${id}::uuid)`)
    })
    .orderBy('binned_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .$narrowType<{ binned_at: Date; size: number }>()
    .execute()
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, nextCursor: last ? encodeCursor(BIN, [last.binned_at.toISOString(), last.id]) : null }
}
