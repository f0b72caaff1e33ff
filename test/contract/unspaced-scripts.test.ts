import t from 'tap'
import { EVERYTHING } from '../../src/access/access.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import { refreshStaleSearch } from '../../src/videos/search/refresh-stale.ts'
import { addVideo, complete, FACTS } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

/** "Today we go to see the waterfall in the mountains", without spaces; waterfall, mountain; and a word that is not in it. */
const SENTENCES = {
  th: ['วันนี้เราจะไปดูน้ำตกที่ภูเขาด้วยกัน', 'น้ำตก', 'ภูเขา', 'ทะเล'],
  lo: ['ມື້ນີ້ພວກເຮົາຈະໄປເບິ່ງນ້ຳຕົກຢູ່ພູເຂົາ', 'ນ້ຳຕົກ', 'ພູເຂົາ', 'ທະເລ'],
  km: ['ថ្ងៃនេះយើងនឹងទៅមើលទឹកធ្លាក់នៅលើភ្នំ', 'ទឹកធ្លាក់', 'ភ្នំ', 'សមុទ្រ'],
  my: ['ဒီနေ့ကျွန်တော်တို့တောင်ပေါ်ကရေတံခွန်ကိုသွားကြည့်မယ်', 'ရေတံခွန်', 'တောင်', 'ပင်လယ်'],
  zh: ['今天我们一起去山里看瀑布', '瀑布', '山', '大海'],
  ja: ['今日はみんなで山の滝を見に行きます', '滝', '山', '海岸'],
} as const

await databases(t, async (t, db) => {
  const find = async (q: string) => (await listVideos(db, EVERYTHING, { limit: 100, q })).items

  for (const [language, [sentence, first, second, absent]] of Object.entries(SENTENCES))
    t.test(`words are found inside a sentence without spaces: ${language}`, async t => {
      await db.deleteFrom('videos').execute()
      const titled = await addVideo(db, { metadata: { title: sentence, language } })
      const spoken = await addVideo(db, { metadata: { title: 'x', language } })
      const segments = [{ start: 3, end: 6, text: sentence }]
      const transcript = { language, text: sentence, segments, model: 'm', source_sha256: null }
      await complete(db, spoken, 'probe', { facts: FACTS, transcript })
      for (const q of [first, second, `${second} ${first}`, `"${first}"`, sentence]) {
        t.same(
          (await find(q)).map(({ id }) => id),
          [titled, spoken],
          q,
        )
      }
      const [, heard] = await find(first)
      t.same(
        heard!.moments!.map(({ start, snippet }) => [
          start,
          snippet.map(({ text, hit }) => (hit ? `[${text}]` : text)).join(''),
        ]),
        [[3, sentence.replace(first, `[${first}]`)]],
      )
      t.same(await find(absent), [])
      t.same(await find(`${first} -${second}`), [])
    })

  t.test('rows that an older version wrote are made again, a few at a time', async t => {
    await db.deleteFrom('videos').execute()
    const ids: string[] = []
    for (let n = 0; n < 60; n++) ids.push(await addVideo(db, { metadata: { title: SENTENCES.th[0] } }))
    await db.updateTable('video_search').set({ layout: 1, heading: '', search: '' }).execute()
    t.same(await find(SENTENCES.th[1]), [])
    const made = [await refreshStaleSearch(db), await refreshStaleSearch(db), await refreshStaleSearch(db)]
    t.same(made, [50, 10, 0])
    t.same(new Set((await find(SENTENCES.th[1])).map(({ id }) => id)), new Set(ids))
  })
})
