import { type Kysely, sql } from 'kysely'

/**
 * Rows of the search index store the version of the code that wrote them. The service rewrites rows of older versions. A migration would need
 * a copy of that code.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('video_search')
    .addColumn('layout', 'integer', column => column.notNull().defaultTo(0))
    .execute()
  // Videos that are older than the search index.
  await sql`
    insert into video_search (video_id, n, config, heading, search)
    select id, nextval('video_search_order'), 'simple', '', ''
    from (
      select id from videos where status <> 'uploading' and not exists (select 1 from video_search where video_id = videos.id) order by id
    ) as missing`.execute(db)
  await sql`create index video_search_layout on video_search (layout)`.execute(db)
}
