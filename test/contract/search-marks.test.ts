import t from 'tap'
import { EVERYTHING } from '../../src/access/access.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import type { SnippetPart } from '../../src/videos/search/snippet.ts'
import { addVideo } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

/** The text with brackets around what matches. */
const marked = (parts: readonly SnippetPart[]) =>
  parts.map(({ text, hit }) => (hit ? `[${text}]` : text)).join('')

await databases(t, async (t, db) => {
  t.test('a search marks its words in titles and descriptions', async t => {
    const description = `${'Long ago. '.repeat(40)}Two boats left the harbour.${' The end.'.repeat(40)}`
    await addVideo(db, {
      metadata: { title: 'Boats in the Café: a boat, “the end”', description, language: 'en' },
    })
    await addVideo(db, { metadata: { title: '港の朝' } })
    const found = async (q: string) => {
      const { items } = await listVideos(db, EVERYTHING, { limit: 9, q })
      return items.map(({ found }) => [marked(found!.title), marked(found!.description)])
    }
    const [[title, part]] = (await found('boat')) as [[string, string]]
    t.equal(title, '[Boats] in the Café: a [boat], “the end”', 'the stem matches too')
    t.match(part, /^….*Two \[boats\] left the harbour\..*…$/)
    t.ok(part.length < 300)
    t.same((await found('cafe'))[0], ['Boats in the [Café]: a boat, “the end”', ''])
    t.same((await found('"the end"'))[0]![0], 'Boats in the Café: a boat, “[the] [end]”')
    t.same((await found('boat -missing'))[0]![0], title)
    t.same(await found('港'), [['[港]の朝', '']])
    const { items } = await listVideos(db, EVERYTHING, { limit: 1 })
    t.equal(items[0]!.found, undefined, 'nothing is marked without a search')
  })
})
