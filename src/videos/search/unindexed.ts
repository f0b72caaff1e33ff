import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { type Match, rankBy } from './search.ts'
import { rankingQuery, type SearchQuery } from './search-query.ts'
import { foldedWords, searchConfigOf } from './search-text.ts'

/** Only this many of the newest videos are compared with the query. */
const MAX_COMPARED = 1000

/**
 * Searches the titles and descriptions of videos that have no row in `video_search`, because their uploads are not finished. A search row for
 * each new upload would make all uploads slower.
 * @param selected a condition on `videos`.
 */
export async function findUnindexed(
  db: Db,
  query: SearchQuery,
  selected: RawBuilder<boolean>,
): Promise<Match[]> {
  if (query.length === 0) return []
  const videos = await db
    .selectFrom('videos')
    .select(['id', 'title', 'description', 'language'])
    .where(selected)
    .orderBy('created_at', 'desc')
    .limit(MAX_COMPARED)
    .execute()
  if (videos.length === 0) return []
  const columns = videos.map(({ id, title, description, language }) => ({
    id,
    config: searchConfigOf(language),
    title: foldedWords(title).join(' '),
    description: foldedWords(description).join(' '),
  }))
  const list = (name: keyof (typeof columns)[number]) => columns.map(column => column[name])
  const wanted = sql`${rankingQuery(query, [...new Set(list('config'))])}`
  const weighted = (config: RawBuilder<unknown>) => sql`
    setweight(to_tsvector(${config}, title), 'A') || setweight(to_tsvector(${config}, description), 'B')`
  const { rows } = await sql<Match>`
    select id, config, ${rankBy(wanted)} as rank
    from (
      select id, config, heading, heading as search
      from unnest(${list('id')}::uuid[], ${list('config')}::text[], ${list('title')}::text[], ${list('description')}::text[])
          as listed (id, config, title, description),
        lateral (select ${weighted(sql`'simple'::regconfig`)} || ${weighted(sql`config::regconfig`)} as heading) as made
    ) as compared
    where heading @@ ${wanted}`.execute(db)
  return rows
}
