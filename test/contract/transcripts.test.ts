import t from 'tap'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import { getVideo } from '../../src/videos/catalogue/videos.ts'
import {
  countSpeech,
  findChunkResult,
  saveChunkResult,
} from '../../src/videos/transcripts/transcript-chunks.ts'
import { editSegments, restoreRevision } from '../../src/videos/transcripts/transcript-edits.ts'
import {
  addMachineTranscript,
  currentTranscript,
  findRevision,
  listRevisions,
} from '../../src/videos/transcripts/transcripts.ts'
import { addVideo, complete, FACTS, heard } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'
import { failure } from '../support/failure.ts'

const segments = [
  { start: 0, end: 2, text: 'apple bread' },
  { start: 2, end: 4.25, text: 'cloud drum' },
]
const text = 'apple bread cloud drum'

await databases(t, async (t, db) => {
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
    t.match((await getVideo(db, id)).transcript, { text: 'apple bread clouds drum', language: 'en' })
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
    t.equal(await findChunkResult(db, id, 'a'), undefined)
    await saveChunkResult(db, id, 'a', {
      text: 'first',
      segments: [{ start: 0.5, end: 1, text: 'ünï 🎬 \\u0000 "' }],
    })
    await saveChunkResult(db, id, 'a', { text: 'second' })
    const result = { text: 'first', segments: [{ start: 0.5, end: 1, text: 'ünï 🎬 \\u0000 "' }] }
    t.same(await findChunkResult(db, id, 'a'), { result, own: true })
    t.equal(await findChunkResult(db, id, 'b'), undefined)
    t.same(
      await findChunkResult(db, other, 'a'),
      { result, own: false },
      'also for the same audio in another video',
    )
    const [alice, bob] = [await addVideo(db, { owner: 'alice' }), await addVideo(db, { owner: 'bob' })]
    for (const foreign of [alice, bob])
      t.equal(await findChunkResult(db, foreign, 'a'), undefined, "not somebody else's")
    await saveChunkResult(db, alice, 'a', { text: 'hers' })
    t.equal(await findChunkResult(db, bob, 'a'), undefined, "nor another owner's")
    t.match(await findChunkResult(db, await addVideo(db, { owner: 'alice' }), 'a'), {
      result: { text: 'hers' },
    })
    t.match(await findChunkResult(db, other, 'a'), { result: { text: 'first' } })
    for (const foreign of [alice, bob]) await deleteVideo(db, foreign, null)
    await deleteVideo(db, id, null)
    t.same(
      await findChunkResult(db, other, 'a'),
      { result, own: true },
      'which keeps it when the first is deleted',
    )
    await deleteVideo(db, other, null)
    t.equal(
      await findChunkResult(db, await addVideo(db), 'a'),
      undefined,
      'and nothing is left when both are',
    )
  })

  t.test('what was sent is counted by video and by model, and stays counted', async t => {
    const [id, other] = [await addVideo(db), await addVideo(db)]
    const use = { requests: 2, seconds_sent: 12.5, seconds_reused: 0 }
    await Promise.all([countSpeech(db, id, 'tiny', use), countSpeech(db, id, 'tiny', use)])
    await countSpeech(db, other, 'tiny', { requests: 0, seconds_sent: 0, seconds_reused: 7 })
    await countSpeech(db, other, 'large', use)
    t.match(
      [await getVideo(db, id), await getVideo(db, other)],
      [{ speech_seconds_sent: 25 }, { speech_seconds_sent: 12.5 }],
    )
    await deleteVideo(db, id, null)
    await countSpeech(db, id, 'tiny', use)
    t.same(await db.selectFrom('speech_usage').selectAll().orderBy('model').execute(), [
      { model: 'large', requests: 2, seconds_sent: 12.5, seconds_reused: 0 },
      { model: 'tiny', requests: 6, seconds_sent: 37.5, seconds_reused: 7 },
    ])
  })

  const timed = (segments: { start: number; end: number; text: string }[]) =>
    segments.map(segment => {
      const texts = segment.text.split(' ')
      const step = (segment.end - segment.start) / texts.length
      const at = (index: number) => segment.start + index * step
      return {
        ...segment,
        words: texts.map((text, index) => ({ start: at(index), end: at(index + 1), text })),
      }
    })
  const always = {}

  t.test('edited segments are the next revision, and words that stay keep their times', async t => {
    const id = await addVideo(db)
    await addMachineTranscript(db, id, { ...heard(text, timed(segments)), source_sha256: 'ab' })
    const edited = await editSegments(
      db,
      id,
      {
        language: 'de',
        segments: [
          { start: 0, end: 3, text: 'Apple, bread! Clouds', speaker: 'Ann' },
          { start: 3, end: 4.25, text: 'drum' },
          { start: 4.25, end: 5, text: 'more' },
        ],
      },
      { oneOf: ['1'] },
    )
    t.match(edited, {
      revision: 2,
      origin: 'person',
      language: 'de',
      model: 'whisper-1',
      source_sha256: 'ab',
      text: 'Apple, bread! Clouds drum more',
      partial: false,
    })
    t.same(edited.segments, [
      {
        start: 0,
        end: 3,
        text: 'Apple, bread! Clouds',
        speaker: 'Ann',
        words: [
          { start: 0, end: 1, text: 'Apple,' },
          { start: 1, end: 2, text: 'bread!' },
          { start: 2, end: 3, text: 'Clouds' },
        ],
      },
      { start: 3, end: 4.25, text: 'drum', words: [{ start: 3.125, end: 4.25, text: 'drum' }] },
      { start: 4.25, end: 5, text: 'more' },
    ])
    const { language } = await editSegments(db, id, { segments: [] }, always)
    t.equal(language, 'de', 'which is left as it is where none is given')
  })

  t.test('an edit that was made of another revision changes nothing', async t => {
    const id = await addVideo(db)
    t.match(await failure(editSegments(db, id, { segments }, { oneOf: ['1'] })), {
      status: 412,
      message: /has no transcript yet/,
    })
    await editSegments(db, id, { segments }, { noneOf: 'any' })
    t.match(await failure(editSegments(db, id, { segments: [] }, { oneOf: ['2'] })), {
      status: 412,
      message: /current revision of the transcript is 1/,
    })
    t.match(await failure(restoreRevision(db, id, 1, { oneOf: [] })), { status: 412 })
    t.match(await failure(restoreRevision(db, id, 2, always)), { status: 404 })
    t.equal((await listRevisions(db, id)).length, 1)
    const gone = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
    t.match(await failure(editSegments(db, gone, { segments }, always)), { status: 404 })
    t.match(await failure(restoreRevision(db, gone, 1, always)), { status: 404 })
  })

  t.test('of those who edit one revision at the same time, one succeeds', async t => {
    const id = await addVideo(db)
    await addMachineTranscript(db, id, heard(text, segments))
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        editSegments(db, id, { segments: [{ start: 0, end: 1, text: `text ${n}` }] }, { oneOf: ['1'] }),
      ),
    )
    const [done] = results.filter(result => result.status === 'fulfilled')
    t.equal(results.filter(result => result.status === 'rejected').length, 7)
    t.same(await currentTranscript(db, id), done?.value)
    t.equal((await listRevisions(db, id)).length, 2)
  })

  t.test('a segment ends with its video, but for what containers and sound differ in', async t => {
    const id = await addVideo(db)
    await complete(db, id, 'probe', { facts: FACTS })
    const ends = (end: number) => editSegments(db, id, { segments: [{ start: 0, end, text: 'x' }] }, always)
    await ends(FACTS.duration! + 1)
    t.match(await failure(ends(FACTS.duration! + 1.1)), { status: 400, field: 'segments.0.end' })
  })

  t.test('revisions are listed, shown and restored, and none is lost', async t => {
    const id = await addVideo(db)
    const gap = { start: 4.25, end: 9, code: 'speech_to_text_refused' as const, message: 'no' }
    const dropped = [{ start: 0, end: 1, text: 'Thank you.', reason: 'silence' as const }]
    const options = { language: 'en', response_format: 'verbose_json', timestamp_granularities: ['word'] }
    await addMachineTranscript(db, id, {
      ...heard(text, segments),
      options,
      gaps: [gap],
      dropped,
      speech_share: 0.5,
    })
    await updateVideo(db, id, { transcript: 'apple' })
    t.match(await currentTranscript(db, id), { partial: true, gaps: [gap], dropped, options })
    await editSegments(db, id, { segments: [...segments, { start: 5, end: 6, text: 'filled' }] }, always)
    t.match(await currentTranscript(db, id), { partial: false, gaps: [] })
    const restored = await restoreRevision(db, id, 1, { oneOf: ['3'] })
    t.match(restored, {
      revision: 4,
      origin: 'person',
      restored_from: 1,
      text,
      segments,
      gaps: [gap],
      dropped,
      options,
      speech_share: 0.5,
    })
    t.same(await currentTranscript(db, id), restored)
    t.same(
      (await listRevisions(db, id)).map(({ revision, origin, partial }) => [revision, origin, partial]),
      [
        [4, 'person', true],
        [3, 'person', false],
        [2, 'person', true],
        [1, 'machine', true],
      ],
    )
    t.match(await findRevision(db, id, 2), { text: 'apple' })
    t.equal(await findRevision(db, id, 5), undefined)
    await updateVideo(db, id, { transcript: 'xylophone' })
    t.equal((await getVideo(db, id)).transcript?.text, 'xylophone')
  })
})
