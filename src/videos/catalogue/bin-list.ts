import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { type ArtifactRow, smallPosters } from './artifacts.ts'
import type { BinnedVideo } from './bin.ts'
import { inBin } from './bin-totals.ts'
import { decodeCursor, encodeCursor, isTimeValue } from './cursor.ts'
import { type SourceRow, VIDEO_COLUMNS } from './videos.ts'
import type { Viewer } from './viewer.ts'

export interface ListedBinnedVideo extends BinnedVideo {
  readonly poster: ArtifactRow | undefined
}

export interface BinPage {
  readonly items: readonly ListedBinnedVideo[]
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
  const posters = await smallPosters(
    db,
    items.map(({ id }) => id),
  )
  return {
    items: items.map(video => ({ ...video, poster: posters.get(video.id) })),
    nextCursor: last ? encodeCursor(BIN, [last.binned_at.toISOString(), last.id]) : null,
  }
}

/** The row of a video in the bin; undefined if it is not there. */
export async function getBinnedRow(db: Db, id: string): Promise<SourceRow | undefined> {
  return db
    .selectFrom('all_videos')
    .select(VIDEO_COLUMNS)
    .where('id', '=', id)
    .where('binned_at', 'is not', null)
    .$narrowType<{ size: number; storage_key: string }>()
    .executeTakeFirst()
}
