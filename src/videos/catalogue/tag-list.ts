import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { Viewer } from './viewer.ts'

/** Only the tags of this many of the newest videos are listed, because no index has the distinct tags. */
const MAX_VIDEOS = 1000
const MAX_TAGS_LISTED = 100

export interface ListedTag {
  readonly tag: string
  /** Number of the newest videos that have the tag. */
  readonly videos: number
}

/** The tags of the viewer's newest videos, the most frequent tag first. */
export async function listTags(db: Db, { all, owner }: Viewer): Promise<ListedTag[]> {
  const newest = db
    .selectFrom('videos')
    .select('tags')
    .where(sql<boolean>`status <> 'uploading'`)
    .$if(!all, query => query.where('owner', '=', owner))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(MAX_VIDEOS)
  const { rows } = await sql<ListedTag>`
    select tag, count(*)::int as videos
    from (${newest}) as newest, unnest(tags) as tag
    group by tag order by videos desc, tag limit ${MAX_TAGS_LISTED}`.execute(db)
  return rows
}
