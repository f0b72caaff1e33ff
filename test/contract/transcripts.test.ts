import t from 'tap'
import {
  addMachineTranscript,
  currentTranscript,
  findPiece,
  keepPiece,
} from '../../src/videos/transcripts.ts'
import { getVideo, updateVideo } from '../../src/videos/videos.ts'
import { addVideo, complete, FACTS, heard } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

const segments = [
  { start: 0, end: 2, text: 'apple bread' },
  { start: 2, end: 4.25, text: 'cloud drum' },
]
const text = 'apple bread cloud drum'

databases(t, async (t, db) => {
  t.test('the latest of a machine is shown until a person writes one', async t => {
    const id = await addVideo(db)
    t.equal(await currentTranscript(db, id), undefined)
    await addMachineTranscript(db, id, heard('first'))
    await addMachineTranscript(db, id, { ...heard(text, segments), source_sha256: 'ab' })
    t.match(await currentTranscript(db, id), {
      revision: 2,
      origin: 'machine',
      language: 'en',
      text,
      segments,
      source_sha256: 'ab',
    })
    await updateVideo(db, id, { transcript: 'apple bread clouds drum' })
    const edited = {
      revision: 3,
      origin: 'person',
      language: 'en',
      model: 'whisper-1',
      source_sha256: 'ab',
      segments: [segments[0], { start: 2, end: 4.25, text: 'clouds drum' }],
    }
    t.match(await currentTranscript(db, id), edited)
    await addMachineTranscript(db, id, heard('heard again, wrongly'))
    t.match(await currentTranscript(db, id), edited, 'which no machine replaces')
    t.match((await getVideo(db, id)).transcript, edited)
    await updateVideo(db, id, { transcript: 'apple' })
    t.match(await currentTranscript(db, id), {
      revision: 5,
      text: 'apple',
      segments: [{ ...segments[0], text: 'apple' }],
    })
  })

  t.test('a person may write before anything was heard, with the length that is known', async t => {
    const [before, after] = [await addVideo(db), await addVideo(db)]
    await updateVideo(db, before, { transcript: ' Hello there ' })
    t.match(await currentTranscript(db, before), {
      text: ' Hello there ',
      segments: [{ start: 0, end: 0, text: 'Hello there' }],
      language: null,
    })
    await complete(db, after, 'probe', { facts: FACTS })
    await updateVideo(db, after, { transcript: 'Hello' })
    t.match(await currentTranscript(db, after), {
      segments: [{ start: 0, end: FACTS.duration, text: 'Hello' }],
    })
  })

  t.test('a person may take all of the text away, and put some back', async t => {
    const id = await addVideo(db)
    await addMachineTranscript(db, id, heard(text, segments))
    await updateVideo(db, id, { transcript: '' })
    t.match(await currentTranscript(db, id), { text: '', segments: [], origin: 'person' })
    await updateVideo(db, id, { transcript: 'once more' })
    t.match(await currentTranscript(db, id), {
      text: 'once more',
      segments: [{ start: 0, text: 'once more' }],
    })
  })

  t.test('edits at the same time all become revisions', async t => {
    const id = await addVideo(db)
    const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`)
    await Promise.all(texts.map(transcript => updateVideo(db, id, { transcript })))
    const rows = await db
      .selectFrom('transcripts')
      .selectAll()
      .where('video_id', '=', id)
      .orderBy('revision')
      .execute()
    t.same(
      rows.map(row => row.revision),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
    t.same(rows.map(row => row.text).sort(), texts)
  })

  t.test('a text that is far longer than can be searched is kept whole', async t => {
    const id = await addVideo(db)
    // Distinct words of three-byte letters are what fills PostgreSQL's search vector fastest.
    const letter = (number: number) => String.fromCharCode(0x4e00 + number)
    const words = Array.from({ length: 140_000 }, (_, n) => letter(n % 300) + letter(Math.floor(n / 300)))
    await updateVideo(db, id, { transcript: words.join(' ') })
    t.equal((await currentTranscript(db, id))?.text.length, 140_000 * 3 - 1)
  })

  t.test('a rewritten text of many words is taken in without comparing each with each', async t => {
    const id = await addVideo(db)
    const many = Array.from({ length: 30_000 }, (_, n) => ({ start: n, end: n + 1, text: `word${n}` }))
    await addMachineTranscript(db, id, heard(many.map(segment => segment.text).join(' '), many))
    await updateVideo(db, id, {
      transcript: many.map(segment => segment.text.replace('word', 'mot')).join(' '),
    })
    const current = await currentTranscript(db, id)
    t.same(current?.segments[20_000], { start: 20_000, end: 20_001, text: 'mot20000' })
  })

  t.test('what a service answered is kept once for each question', async t => {
    const [id, other] = [await addVideo(db), await addVideo(db)]
    t.equal(await findPiece(db, id, 'a'), undefined)
    await keepPiece(db, id, 'a', {
      text: 'first',
      segments: [{ start: 0.5, end: 1, text: 'ünï 🎬 \\u0000 "' }],
    })
    await keepPiece(db, id, 'a', { text: 'second' })
    t.same(await findPiece(db, id, 'a'), {
      text: 'first',
      segments: [{ start: 0.5, end: 1, text: 'ünï 🎬 \\u0000 "' }],
    })
    t.equal(await findPiece(db, id, 'b'), undefined)
    t.equal(await findPiece(db, other, 'a'), undefined)
  })
})
