import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import t from 'tap'
import { EVERYTHING } from '../../src/access/access.ts'
import { ApiError } from '../../src/base/errors.ts'
import type { Schema } from '../../src/database/schema.ts'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import { type ListQuery, SORTS, type Sort } from '../../src/videos/catalogue/list-query.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import { addVideo, complete, FACTS, heard } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'
import { failure } from '../support/failure.ts'
import { listCursor } from '../support/list-cursor.ts'

/** Values that are equal, that only seem so, and such as are hard to write down. */
const TITLES = [
  'b',
  'a',
  'a',
  'B',
  'ä',
  'a ',
  '"quoted"',
  "it's",
  '日本語',
  '🎬',
  'a\u0001',
  '-1',
  'null',
  ' b',
]
const DURATIONS = [0, 0.1 + 0.2, 1e-7, 1 / 3, 12.5, 12.5, 1e15, 86_400.123456789, 5e-324]

async function fill(db: Kysely<Schema>): Promise<string[]> {
  await db.deleteFrom('videos').execute()
  const ids: string[] = []
  for (const [index, title] of TITLES.entries()) {
    const id = await addVideo(db, {
      metadata: { title: 'x' },
      length: [7, 0, 9_007_199_254_740_991][index % 3]!,
    })
    const duration = DURATIONS[index] ?? null
    // Times that are equal, and on either side of a change of the hour and of the year.
    const created_at = new Date(Date.UTC(2025, 9 + (index % 4), 26, 1, 0, 0, index % 2))
    const status = index % 2 ? 'ready' : 'processing'
    await db.updateTable('videos').set({ title, duration, created_at, status }).where('id', '=', id).execute()
    ids.push(id)
  }
  return ids
}

/** All pages, one after the other. */
async function walk(
  db: Kysely<Schema>,
  query: ListQuery,
  between?: (page: string[]) => Promise<void>,
): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await listVideos(db, EVERYTHING, { ...query, cursor })
    const found = page.items.map(video => video.id)
    ids.push(...found)
    cursor = page.nextCursor ?? undefined
    if (cursor && found.length !== query.limit) throw new Error('a page before the last is not full')
    await between?.(found)
  } while (cursor)
  return ids
}

await databases(t, async (t, db) => {
  t.test('every order comes in pages of every size, each video once', async t => {
    const ids = await fill(db)
    for (const sort of SORTS) {
      const whole = await walk(db, { sort, limit: 100 })
      t.same(whole.toSorted(), ids.toSorted(), sort)
      for (const limit of [1, 2, 5, ids.length])
        t.same(await walk(db, { sort, limit }), whole, `${sort} by ${limit}`)
      const reverse = sort.startsWith('-') ? sort.slice(1) : `-${sort}`
      t.same(
        await walk(db, { sort: reverse as Sort, limit: 3 }),
        whole.toReversed(),
        `${reverse} is the reverse`,
      )
    }
  })

  t.test('orders by what it says', async t => {
    await fill(db)
    const ordered = async (sort: Sort) => (await listVideos(db, EVERYTHING, { sort, limit: 100 })).items
    const sizes = (await ordered('size')).map(video => video.size ?? 0)
    t.same(
      sizes,
      sizes.toSorted((a, b) => a - b),
    )
    const durations = (await ordered('-duration')).map(video => video.duration ?? 0)
    t.same(
      durations,
      durations.toSorted((a, b) => b - a),
    )
    const times = (await ordered('created_at')).map(video => video.created_at.getTime())
    t.same(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  t.test('pages stay whole while videos come and go', async t => {
    for (const sort of ['created_at', '-created_at', 'title', '-size'] as const) {
      const ids = await fill(db)
      const deleted = new Set<string>()
      let left = 2
      const seen = await walk(db, { sort, limit: 3 }, async page => {
        // The video that the next page begins behind.
        if (left-- <= 0) return
        const last = page.at(-1)!
        deleted.add(last)
        await deleteVideo(db, last, null)
        await addVideo(db, { metadata: { title: 'new' } })
      })
      const stayed = ids.filter(id => !deleted.has(id))
      t.same(seen.filter(id => stayed.includes(id)).toSorted(), stayed.toSorted(), sort)
      t.equal(new Set(seen).size, seen.length)
    }
  })

  t.test('a selection is paged like the whole, and is right', async t => {
    const ids = await fill(db)
    for (const status of ['ready', 'processing'] as const) {
      const half = ids.filter((_, index) => (index % 2 === 1) === (status === 'ready'))
      t.same((await walk(db, { sort: 'title', limit: 2, status: [status] })).toSorted(), half.toSorted())
    }
    t.same(await walk(db, { sort: 'title', limit: 2, status: ['failed'] }), [])
  })

  t.test('finds words of the title, the description and the transcript', async t => {
    await db.deleteFrom('videos').execute()
    const [title, description, spoken] = [
      await addVideo(db, { metadata: { title: 'Board meeting' } }),
      await addVideo(db, { metadata: { title: 'x', description: 'about the Roadmap' } }),
      await addVideo(db, { metadata: { title: 'y' } }),
    ]
    const found = async (q: string) =>
      (await listVideos(db, EVERYTHING, { sort: 'created_at', limit: 10, q })).items.map(video => video.id)
    await complete(db, spoken, 'probe', { facts: FACTS, transcript: heard('An apple below the river') })
    t.same(await found('MEETING'), [title])
    t.same(await found('roadmap'), [description])
    t.same(await found('apple river'), [spoken])
    t.same(await found('"river below"'), [])
    t.same((await found('meeting or apple')).length, 2)
    await updateVideo(db, spoken, { transcript: 'A pear', title: 'Fruit' })
    t.same([await found('apple'), await found('pear'), await found('fruit')], [[], [spoken], [spoken]])
    await updateVideo(db, title, { title: 'Renamed' })
    t.same([await found('meeting'), await found('renamed')], [[], [title]])
    for (const q of [
      '',
      ' ',
      '"',
      "'",
      '-',
      'a & | ! ( ) : * \\',
      '<->',
      '%',
      'or',
      '🎬',
      '\ud800',
      'x'.repeat(5000),
    ])
      t.ok(Array.isArray(await found(q)), JSON.stringify(q.slice(0, 20)))
  })

  t.test('a cursor belongs to its order and selection', async t => {
    await fill(db)
    const query: ListQuery = { sort: 'title', limit: 2, status: ['ready'] }
    const cursor = (await listVideos(db, EVERYTHING, query)).nextCursor!
    t.equal(
      (await listVideos(db, EVERYTHING, { ...query, limit: 5, cursor })).items.length,
      5,
      'not to its size',
    )
    for (let at = 0; at < cursor.length; at++) {
      const other = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`
      t.match(await failure(listVideos(db, EVERYTHING, { ...query, cursor: other })), { status: 400 }, other)
    }
    const others: Partial<ListQuery>[] = [
      { sort: '-title' },
      { sort: 'size' },
      { status: ['processing'] },
      { status: undefined },
      { q: 'a' },
    ]
    for (const other of others) {
      t.match(await failure(listVideos(db, EVERYTHING, { ...query, ...other, cursor })), {
        status: 400,
        code: 'invalid_cursor',
      })
    }
  })

  t.test('whatever is sent as a cursor, the answer is a page or a 400', async t => {
    await fill(db)
    const id = '01234567-89ab-7def-8123-456789abcdef'
    // biome-ignore format: a list
    const values: unknown[] = [
      'x', '', '\0', 'a\0b', '\ud800', null, 0, 1, true, [], {}, ['x'], Number.MAX_VALUE,
      'x'.repeat(10_000), '1', '-1', '00', '1e999', '1e-999', '1e308', '9e308', 'NaN', 'Infinity', '0x10',
      '1_000', '1e', '1.', '.5', ' 1', '1 ', '١', '999999999999999999', '9223372036854775808',
      '9'.repeat(400), '1.5', '0.00000000000000000001e-300', '2025-01-01 00:00:00+00',
      '2025-02-30 00:00:00+00', '2025-13-01 00:00:00+00', '2025-00-00 00:00:00+00',
      '0000-01-01 00:00:00+00', '9999-99-99 99:99:99+99', '2025-01-01 24:00:00+00',
      '2025-01-01 23:59:60+00', '2025-01-01 25:00:00+00', '2025-01-01 00:00:00+99',
      '2025-01-01 00:00:00+15:99', '2025-01-01 00:00:00-16', '294277-01-01 00:00:00+00',
      '0001-01-01 00:00:00 BC', 'now', 'infinity', 'epoch', '2025-01-01T00:00:00.000Z',
      '+275760-09-13T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '-000001-01-01T00:00:00.000Z',
    ]
    // biome-ignore format: a list
    const ids: unknown[] = [
      id, id.toUpperCase(), `{${id}}`, id.replaceAll('-', ''), '', '\0', null, 1, [id], 'x'.repeat(36),
      `${id}\n`,
    ]
    let pages = 0
    for (const sort of SORTS) {
      const query: ListQuery = { sort, limit: 1 }
      const first = (await listVideos(db, EVERYTHING, query)).nextCursor!
      const [selection, ...rest] = JSON.parse(Buffer.from(first, 'base64url').toString())
      const forged = [
        [selection, rest[0], id],
        [undefined, ...rest],
        ...[
          selection,
          [selection],
          [selection, rest[0]],
          { 0: selection },
          null,
          7,
          [],
          [null, ...rest],
          [[selection], ...rest],
        ],
      ].map(entry => Buffer.from(JSON.stringify(entry)).toString('base64url'))
      const summed = [
        ...values.map(value => listCursor(query, value, id)),
        ...ids.map(other => listCursor(query, rest[0], other)),
      ]
      const cut = Array.from({ length: first.length }, (_, length) => first.slice(0, length))
      const random = Array.from({ length: 50 }, (_, index) => randomBytes(index).toString('latin1'))
      for (const cursor of [
        ...forged,
        ...summed,
        ...cut,
        ...random,
        `${first}\0`,
        `${first}=`,
        '[',
        '\ud800',
        'é',
        '%00',
      ]) {
        const error = await listVideos(db, EVERYTHING, { ...query, cursor }).then(
          page => {
            pages += page.items.length + 1
          },
          (reason: unknown) => reason,
        )
        if (error === undefined) continue
        if (!(error instanceof ApiError && error.status === 400))
          t.fail(`${sort}: ${Buffer.from(cursor, 'base64url').toString().slice(-80)}: ${error}`)
      }
    }
    t.ok(pages > 0, 'some of them are as good as ours')
  })
})
