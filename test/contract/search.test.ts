import type { Kysely } from 'kysely'
import t from 'tap'
import { EVERYTHING } from '../../src/access/access.ts'
import type { Schema } from '../../src/database/schema.ts'
import type { TranscriptSegment } from '../../src/database/tables/transcripts.ts'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import type { ListQuery } from '../../src/videos/catalogue/list-query.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import { refreshSearch } from '../../src/videos/search/search-index.ts'
import { addVideo, complete, FACTS } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

interface Said {
  readonly title?: string
  readonly description?: string
  readonly language?: string
  /** A segment each, ten seconds long. */
  readonly said?: readonly string[]
}

async function add(db: Kysely<Schema>, { title = 'x', description = '', language = 'en', said = [] }: Said) {
  const id = await addVideo(db, { metadata: { title, description } })
  const segments: TranscriptSegment[] = said.map((text, n) => ({ start: n * 10, end: n * 10 + 9.5, text }))
  const transcript = { language, text: said.join(' '), segments, model: 'whisper-1', source_sha256: null }
  await complete(db, id, 'probe', { facts: FACTS, ...(said.length > 0 && { transcript }) })
  return id
}

databases(t, async (t, db) => {
  const list = (q: string, more: Partial<ListQuery> = {}) =>
    listVideos(db, EVERYTHING, { limit: 100, q, ...more })
  const found = async (q: string, more: Partial<ListQuery> = {}) =>
    (await list(q, more)).items.map(({ id }) => id)
  const moments = async (q: string) =>
    (await list(q)).items.flatMap(({ moments }) =>
      moments!.map(({ start, snippet }) => [
        start,
        snippet.map(({ text, hit }) => (hit ? `[${text}]` : text)).join(''),
      ]),
    )
  const empty = () => db.deleteFrom('videos').execute()

  t.test('title before description before what was said, however often', async t => {
    await empty()
    const spoken = await add(db, {
      said: Array.from({ length: 40 }, () => 'harbour harbour harbour harbour'),
    })
    const title = await add(db, { title: 'The harbour', said: ['nothing of the kind'] })
    const described = await add(db, { description: 'harbour, harbour, harbour, harbour and harbour' })
    const rarely = await add(db, {
      said: ['once harbour', ...Array.from({ length: 10 }, () => 'something else')],
    })
    t.same(await found('harbour'), [title, described, spoken, rarely])
    t.same(await found('harbour', { sort: 'created_at' }), [spoken, title, described, rarely])
    t.same(await found('harbour', { sort: '-created_at', limit: 2 }), [rarely, described])
  })

  t.test('all words, wherever they stand; phrases, without, or, beginnings', async t => {
    await empty()
    const a = await add(db, { title: 'Harvest', said: ['An apple below', 'the river bank'] })
    const b = await add(db, { title: 'Winter', said: ['the bank lends money to the apple growers'] })
    t.same(await found('harvest apple'), [a])
    t.same((await found('bank apple')).toSorted(), [a, b].toSorted())
    t.same(await found('"river bank"'), [a])
    t.same(await found('"bank river"'), [])
    t.same(await found('"below the river"'), [a], 'over the end of a segment')
    t.same(await found('bank -river'), [b])
    t.same(await found('bank -"river bank"'), [b])
    t.same((await found('river or money')).toSorted(), [a, b].toSorted())
    t.same(await found('mon*'), [b])
    t.same(await found('"river ban'), [], 'a phrase of whole words, though its end is missing')
    t.same(await found('mo*'), [], 'too short for a beginning')
    t.same(await found('ap-ple'), [])
    t.same(await found('-river'), [], 'what is only excluded is not looked for')
    t.same(await found('the river the'), [a], 'words that are in every text count as they are')
    for (const q of [
      '',
      ' ',
      '"',
      "'",
      '-',
      '--',
      '-""',
      'a & | ! ( ) : * \\',
      '<->',
      '%',
      'or',
      'or or',
      '🎬',
      '\ud800',
      'x'.repeat(500),
      '"a" '.repeat(100),
      "o'r'e",
      ':*',
      '***',
      '#0',
      "'#0'",
    ])
      t.ok(Array.isArray(await found(q)), JSON.stringify(q.slice(0, 20)))
    t.same(await found('#0'), [], 'nothing of the index itself is found')
  })

  t.test('phrases: words in their order, one right behind the other', async t => {
    await empty()
    const a = await add(db, {
      title: 'Point of view',
      description: 'On the way',
      said: ['at the end of', 'the day'],
    })
    const b = await add(db, { said: ['the end is not the point of the story, and of the day'] })
    t.same(await found('"the end of the day"'), [a])
    t.same(await found('"of the day"'), [b, a].toSorted().reverse())
    t.same(await found('"end of the story"'), [], 'all of its pairs are there, but not in this order')
    t.same(await found('"of the" -"end of the"'), [b])
    t.same(await found('"view on"'), [], 'not over the end of a title')
    t.same(await found('"point of"'), [a, b], 'a title comes first')
    t.same(await found('"end of" or "not the"'), [b, a].toSorted().reverse())
    t.same(await found('point-of-vi*'), [], 'too short for a beginning')
    t.same(await found('point-of-vie*'), [a])
    t.same(await found('of-sto*'), [])
    t.same(await found('the-sto*'), [b])
    t.same(await found(`"${'x'.repeat(250)} ${'y'.repeat(240)}"`), [])
  })

  t.test('the longest talks: all that is said is found', async t => {
    await empty()
    const word = (n: number) => `w${n.toString(36)}`
    const words = Array.from({ length: 100_000 }, (_, n) => word((n * n) % 9973))
    const lines = Array.from({ length: 1000 }, (_, n) => words.slice(100 * n, 100 * n + 100).join(' '))
    const talk = await add(db, {
      description: 'd '.repeat(5000),
      said: [...lines, 'the very last words'],
    })
    t.same(await found('last'), [talk])
    t.same(await found('"very last"'), [talk])
    t.same(await found('"the very last words"'), [talk])
    t.same(await found('"last very"'), [])
    t.same(await found(`"${words.slice(20_000, 20_005).join(' ')}"`), [talk])
    t.same(await moments('"very last"'), [[10_000, 'the [very] [last] words']])
    // Whatever there is of it, it fits.
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
    const texts = {
      'words of one letter': Array.from({ length: 50_000 }, (_, n) => letters[(n * n) % 36]).join(' '),
      'words of two': Array.from(
        { length: 100_000 },
        (_, n) => `${letters[n % 36]}${letters[(n >> 5) % 36]}`,
      ).join(' '),
      'no word twice': Array.from({ length: 70_000 }, (_, n) => word(n)).join(' '),
      'long words': Array.from({ length: 1500 }, (_, n) => `${n}${'é'.repeat(600)}`).join(' '),
      'one word': 'é'.repeat(300_000),
      'no spaces': Array.from({ length: 110_000 }, (_, n) =>
        String.fromCodePoint(0x4e00 + ((n * n) % 20_000)),
      ).join(''),
    }
    for (const [name, text] of Object.entries(texts)) {
      const id = await add(db, { description: '字'.repeat(10_000), language: 'de', said: [`first ${text}`] })
      t.same(await found('first'), [id], name)
      await deleteVideo(db, id, null)
    }
  })

  t.test('each in its own language, whatever the accents and the script', async t => {
    await empty()
    const en = await add(db, { language: 'en', said: ['They were running with ponies'] })
    const de = await add(db, { language: 'de-AT', said: ['Die Häuser der Größten an der Straße'] })
    const fr = await add(db, { language: 'french', said: ['Les étudiantes mangeaient du fromage'] })
    const ru = await add(db, { language: 'ru', said: ['Красивые книги о музыке'] })
    const ja = await add(db, { language: 'ja', said: ['東京タワーに行きました'] })
    const none = await add(db, { language: 'xx', said: ['running ponies'] })
    const tr = await add(db, { language: 'tr', title: 'IŞIK' })
    t.same(await found('run -xyz'), [en])
    t.same((await found('running')).toSorted(), [en, none].toSorted())
    t.same(await found('pony'), [en])
    t.same(await found('haus'), [de])
    t.same(await found('hauser'), [de])
    t.same(await found('HÄUSERN'), [de])
    t.same(await found('strasse'), [de])
    t.same(await found('etudiante'), [fr])
    t.same(await found('ÉTUDIANTES'), [fr])
    t.same(await found('manger'), [fr])
    t.same(await found('книга'), [ru])
    t.same(await found('東京'), [ja])
    t.same(await found('タワー'), [ja])
    t.same(await found('京東'), [])
    t.same(await found('ışık'), [tr])
    t.same(await moments('haus strasse'), [[0, 'Die [Häuser] der Größten an der [Straße]']])
    t.same(await moments('東京'), [[0, '[東京]タワーに行きました']])
    t.same(await moments('etudiante'), [[0, 'Les [étudiantes] mangeaient du fromage']])
  })

  t.test('moments: where it is said, best and in the order of time', async t => {
    await empty()
    await add(db, {
      title: 'Apples',
      said: [
        'Nothing here',
        'An apple <b>fell</b> & rolled',
        'apple',
        'apples and pears',
        'the apple',
        'apple',
        'a pear for the apple',
        'apple',
      ],
    })
    t.same(await moments('apple pear'), [
      [10, 'An [apple] <b>fell</b> & rolled'],
      [20, '[apple]'],
      [30, '[apples] and [pears]'],
      [40, 'the [apple]'],
      [60, 'a [pear] for the [apple]'],
    ])
    t.same(await moments('"fell rolled apple"'), [])
    t.same(await moments('"rolled apple apples"'), [
      [10, 'An apple <b>fell</b> & [rolled]'],
      [20, '[apple]'],
      [30, '[apples] and pears'],
    ])
    t.same(await moments('"rolled apples"'), [], 'what is between them counts')
    t.same(await moments('"apples and" or fell'), [
      [10, 'An apple <b>[fell]</b> & rolled'],
      [30, '[apples and] pears'.replace('[apples and]', '[apples] [and]')],
    ])
    t.same((await moments('rol*'))[0], [10, 'An apple <b>fell</b> & [rolled]'])
    t.same((await list('title:x')).items, [])
    const title = (await list('apples -nonsense')).items[0]!
    t.equal(title.moments!.length, 5)
    await empty()
    const long = `${'word '.repeat(100)}needle ${'word '.repeat(100)}`
    await add(db, { said: [long] })
    const [[, snippet]] = (await moments('needle')) as [[number, string]]
    t.match(snippet, /^…(word )+\[needle\]( word)+…$/)
    t.ok(snippet.length < 300)
    t.same(
      (await listVideos(db, EVERYTHING, { limit: 1 })).items[0]!.moments,
      undefined,
      'only where something is looked for',
    )
  })

  t.test('what changes is found as it is now', async t => {
    await empty()
    const id = await add(db, { title: 'Old', said: ['one two'] })
    await updateVideo(db, id, { title: 'New' })
    t.same([await found('old'), await found('new'), await found('two')], [[], [id], [id]])
    await updateVideo(db, id, { transcript: 'three' })
    t.same([await found('two'), await found('three')], [[], [id]])
    const failed = db.transaction().execute(async trx => {
      await trx.updateTable('videos').set({ title: 'Never' }).where('id', '=', id).execute()
      await refreshSearch(trx, id)
      throw new Error('no')
    })
    await failed.catch(() => {})
    t.same([await found('never'), await found('new')], [[], [id]])
    await deleteVideo(db, id, null)
    t.same(await found('new'), [])
  })

  t.test('pages stay whole while videos come and go; filters hold', async t => {
    await empty()
    const ids: string[] = []
    for (let n = 0; n < 12; n++)
      ids.push(
        await add(db, {
          title: n % 3 ? 'x' : 'lake',
          said: Array.from({ length: (n % 5) + 1 }, () => 'lake'),
        }),
      )
    const whole = await found('lake')
    t.same(whole.toSorted(), ids.toSorted())
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list('lake', { limit: 5, cursor })
      seen.push(...page.items.map(({ id }) => id))
      if (!cursor) {
        await deleteVideo(db, seen.at(-1)!, null)
        await add(db, { title: 'lake lake lake' })
      }
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    t.equal(new Set(seen).size, seen.length, 'none twice')
    for (const id of ids) t.ok(seen.includes(id), 'none is left out')
    await updateVideo(db, ids[3]!, { tags: ['dam'] })
    t.same(await found('lake', { tag: 'dam' }), [ids[3]])
    t.same(await found('lake', { status: ['failed'] }), [])
  })

  t.test('everybody finds what is theirs', async t => {
    await empty()
    const owners = ['alice', "o'neill", 'back\\slash', 'x & !y', '字', '@alice']
    const ids = new Map<string, string>()
    for (const owner of owners) {
      const id = await add(db, { title: 'lake' })
      ids.set(owner, id)
      await db.updateTable('videos').set({ owner }).where('id', '=', id).execute()
      await refreshSearch(db, id)
    }
    for (const [owner, id] of ids) {
      const { items } = await listVideos(db, { all: false, owner }, { limit: 100, q: 'lake or sea' })
      t.same(
        items.map(one => one.id),
        [id],
        owner,
      )
    }
    t.same((await listVideos(db, { all: false, owner: null }, { limit: 100, q: 'lake' })).items, [])
    t.equal((await found('lake')).length, owners.length)
    t.same(await found('@alice'), [], 'nothing of the index itself is found')
  })

  t.test('many hits: the newest are ranked, and older titles are not forgotten', async t => {
    await empty()
    const title = await add(db, { title: 'Common ground' })
    const template = await add(db, { said: ['common'] })
    // More than are ranked, and than two slices hold.
    const { sql } = await import('kysely')
    await sql`insert into videos (id, title, size, storage_key)
      select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'copy', 1, 'x' from generate_series(1, 1500) n`.execute(
      db,
    )
    await sql`insert into video_search (video_id, n, config, heading, search)
      select id, k.n, s.config, s.heading, ts_delete(s.search, '#0') || array_to_tsvector(array['#' || (k.n / 512)])
      from video_search s, (select id, s.n + row_number() over (order by id) as n from videos, video_search s
        where title = 'copy' and s.video_id = ${template}) k where s.video_id = ${template}`.execute(db)
    const all: string[] = []
    let cursor: string | undefined
    do {
      const page = await list('common', { cursor })
      all.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    t.equal(all[0], title)
    t.equal(new Set(all).size, 401)
    t.ok(all.includes('01990000-0000-7000-8000-0000000005dc'), 'the newest')
    t.notOk(all.includes('01990000-0000-7000-8000-000000000001'), 'not the oldest')
  })
})
