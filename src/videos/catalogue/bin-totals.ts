import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { Viewer } from './viewer.ts'

/** The number of videos in the viewer's bin, and the total size of their sources in bytes. */
export async function binTotals(db: Db, viewer: Viewer): Promise<{ videos: number; bytes: number }> {
  return db
    .selectFrom('all_videos')
    .select([
      sql<number>`count(*)::int`.as('videos'),
      sql<number>`coalesce(sum(size), 0)::bigint`.as('bytes'),
    ])
    .where(inBin(viewer))
    .executeTakeFirstOrThrow()
}

/** A condition on `all_videos`: videos in the bin that the viewer may see. When the owner is null, these are the unowned videos. */
export function inBin({ all, owner }: Viewer): RawBuilder<boolean> {
  if (all) return sql`binned_at is not null`
  return owner === null
    ? sql`(binned_at is not null and owner is null)`
    : sql`(binned_at is not null and owner = ${owner})`
}
