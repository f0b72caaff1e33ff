import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { Viewer } from './viewer.ts'

/** Number of the videos in the bin that somebody may see, and the bytes of their sources. */
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

/** A condition on `all_videos`: the videos in the bin that somebody may see, or that have no owner. */
export function inBin({ all, owner }: Viewer): RawBuilder<boolean> {
  if (all) return sql`binned_at is not null`
  return owner === null
    ? sql`(binned_at is not null and owner is null)`
    : sql`(binned_at is not null and owner = ${owner})`
}
