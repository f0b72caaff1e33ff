import { sql } from 'kysely'
import t from 'tap'
import type { ListQuery } from '../../src/videos/catalogue/list-query.ts'
import { listTags } from '../../src/videos/catalogue/tag-list.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import type { Viewer } from '../../src/videos/catalogue/viewer.ts'
import { addVideo } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

const ALL: Viewer = { all: true, owner: null }
const ANN: Viewer = { all: false, owner: 'ann' }

await databases(t, async (t, db) => {
  const countOf = async (query: Partial<ListQuery>, viewer = ALL) =>
    (await listVideos(db, viewer, { limit: 1, count: true, ...query })).count

  t.test('a list counts all its videos, whatever selects them', async t => {
    for (const [title, tags, owner] of [
      ['A walk', 'sea,winter', 'ann'],
      ['A talk', 'sea', 'ann'],
      ['A film', 'sea', 'bob'],
      ['A song', '', 'bob'],
    ] as const)
      await addVideo(db, { metadata: { title, tags }, owner })
    await db.updateTable('videos').set({ status: 'failed' }).where('title', '=', 'A film').execute()
    await db
      .updateTable('videos')
      .set({ created_at: new Date('2020-05-05') })
      .where('title', '=', 'A song')
      .execute()
    t.same(await countOf({}), { videos: 4, more: false })
    t.same(await countOf({ status: ['failed'] }), { videos: 1, more: false })
    t.same(await countOf({ status: ['processing', 'uploading'] }), { videos: 3, more: false })
    t.same(await countOf({ status: ['uploading'] }), { videos: 0, more: false })
    t.same(await countOf({ tag: 'sea' }), { videos: 3, more: false })
    t.same(await countOf({ tag: 'sea', status: ['processing'] }), { videos: 2, more: false })
    t.same(await countOf({ created_before: '2021-01-01T00:00:00Z' }), { videos: 1, more: false })
    t.same(await countOf({ q: 'walk or film' }), { videos: 2, more: false })
    t.same(await countOf({ q: 'walk or film', status: ['failed'] }), { videos: 1, more: false })
    t.same(await countOf({}, ANN), { videos: 2, more: false }, 'nothing of other owners')
    t.equal((await listVideos(db, ALL, { limit: 1 })).count, undefined)
    const { nextCursor } = await listVideos(db, ALL, { limit: 1 })
    t.same(await countOf({ cursor: nextCursor! }), { videos: 4, more: false }, 'those of other pages too')

    t.same(await listTags(db, ALL), [
      { tag: 'sea', videos: 3 },
      { tag: 'winter', videos: 1 },
    ])
    t.same(await listTags(db, { all: false, owner: 'bob' }), [{ tag: 'sea', videos: 1 }])
    t.same(await listTags(db, { all: false, owner: null }), [])
  })

  t.test('a count ends at 1,000', async t => {
    const add = (from: number, to: number) =>
      sql`insert into videos (id, title, status, storage_key, size, tags)
        select gen_random_uuid(), 'Many', 'ready', 'uploads/many' || n, 1, array['many']
        from generate_series(${from}::int, ${to}::int) n`.execute(db)
    await add(1, 1000)
    t.same(await countOf({ tag: 'many' }), { videos: 1000, more: false })
    await add(1001, 1001)
    t.same(await countOf({ tag: 'many' }), { videos: 1000, more: true })
    t.same(await countOf({ tag: 'many', status: ['ready', 'uploading'] }), { videos: 1000, more: true })
  })
})
