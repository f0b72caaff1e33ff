import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { deleteVideo } from '../../src/videos/catalogue/edit-video.ts'
import { getVideo } from '../../src/videos/catalogue/videos.ts'
import { findPause, resumeStep } from '../../src/videos/pipeline/pauses.ts'
import { retrySteps } from '../../src/videos/pipeline/retry.ts'
import { currentTranscript } from '../../src/videos/transcripts/transcripts.ts'
import { addVideo, stepsOf } from '../support/catalogue-rows.ts'
import { clip } from '../support/clips.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { speechConfig } from '../support/speech-config.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { diskStorage } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { type SpokenWord, spokenText, VOCABULARY } from '../support/tone-words.ts'
import { workUntil } from '../support/transcription-worker.ts'
import { until } from '../support/until.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())
const speech = await startSpeechServer()
t.teardown(() => speech.stop())

/** Somebody who speaks without a pause that one could cut in. */
const words = Array.from({ length: 60 }, (_, n) => ({
  word: VOCABULARY[n % VOCABULARY.length]!,
  start: n * 0.4 + 0.1,
}))
const seconds = 24.5
/** Sound alone: there is less to be done to it than to a film. */
const speechOf = (said: SpokenWord[]) => clip({ words: said, seconds, video: false })
const SECONDS_PER_REQUEST = 8

const directory = throwAwayDirectory('transcribe')
const storage = diskStorage(directory).objects

async function upload(path: string): Promise<string> {
  const id = await addVideo(db, { length: (await stat(path)).size })
  await storage.write(`uploads/${id}`, createReadStream(path))
  return id
}

/** Runs a worker until the videos are ready, or the check is met. */
async function process(
  ids: string | readonly string[],
  model: string,
  check = async () =>
    (await Promise.all([ids].flat().map(id => getVideo(db, id)))).every(({ status }) => status === 'ready'),
) {
  const settings = speechConfig({ baseUrl: speech.baseUrl, model, maxSeconds: SECONDS_PER_REQUEST })
  await workUntil(db, directory, settings, check)
}

const convert = promisify(execFile)
/** The same sound in another file. */
async function converted(path: string, name: string, ...options: string[]): Promise<string> {
  const target = join(directory, name)
  await convert('ffmpeg', ['-v', 'error', '-y', '-i', path, ...options, target])
  return target
}
const reusedSeconds = async () =>
  (
    await db
      .selectFrom('speech_usage')
      .select(({ fn }) => fn.sum('seconds_reused').as('sum'))
      .executeTakeFirst()
  )?.sum ?? 0

for (const model of ['whisper-1', 'gpt-4o-transcribe']) {
  t.test(`${model} hears each word of a long speech once, in requests that it takes`, async t => {
    const before = speech.requests.length
    const id = await upload(await speechOf(words))
    await process(id, model)
    const transcript = await currentTranscript(db, id)
    t.equal(transcript?.text, spokenText(words))
    const requests = speech.requests.slice(before)
    t.ok(requests.length >= 4)
    t.ok(requests.every(request => request.duration! < SECONDS_PER_REQUEST + 0.1))
    const segments = transcript?.segments ?? []
    t.equal(segments.map(segment => segment.text).join(' '), transcript?.text)
    t.ok(segments.every(({ start, end }, index) => start < end && start >= (segments[index - 1]?.start ?? 0)))
    t.ok(segments.at(-1)!.end <= seconds + 0.2)
    if (model !== 'whisper-1') return
    // A segment's first word is where it was said.
    let word = 0
    for (const { start, text } of segments) {
      t.ok(Math.abs(start - words[word]!.start) < 0.15, `${start}, not ${words[word]!.start}`)
      word += text.split(' ').length
    }
  })
}

t.test('a request that was answered is not made again when a later one fails', async t => {
  const before = speech.requests.length
  const id = await upload(await speechOf(words.slice(3)))
  // The first answer waits for so long that the failure is told before the second request.
  speech.delay(1000)
  const told = until(() => speech.requests.length > before).then(() => {
    speech.fail({ status: 400 })
    speech.delay(0)
  })
  await process(id, 'whisper-1')
  await told
  t.match((await stepsOf(db, id)).transcribe, { state: 'done', reason: 'partial' })
  const asked = speech.requests.length
  await retrySteps(db, id)
  await process(id, 'whisper-1')
  t.equal(speech.requests.length, asked + 1)
  t.equal((await getVideo(db, id)).transcript?.text, spokenText(words.slice(3)))
})

t.test('the same sound in other containers, or decoded, is not sent again', async t => {
  const said = words.slice(1)
  const path = await clip({ container: 'm4a', words: said, seconds })
  const first = await upload(path)
  await process(first, 'whisper-1')
  const asked = speech.requests.length
  // Matroska and MPEG-TS know nothing of the samples that AAC puts before the sound: there it begins later.
  const copies = await Promise.all([
    converted(path, 'retitled.m4a', '-c', 'copy', '-metadata', 'title=Another'),
    converted(path, 'copy.mkv', '-c', 'copy'),
    converted(path, 'copy.ts', '-c', 'copy'),
    converted(path, 'decoded.wav', '-c:a', 'pcm_s16le'),
    converted(path, 'decoded.flac', '-sample_fmt', 's16'),
  ])
  const reused = Number(await reusedSeconds())
  const ids = await Promise.all(copies.map(upload))
  await process(ids, 'whisper-1')
  t.equal(speech.requests.length, asked)
  for (const id of ids) {
    const { transcript, sha256, speech_seconds_sent } = await getVideo(db, id)
    t.not(sha256, (await getVideo(db, first)).sha256)
    t.equal(transcript?.text, spokenText(said))
    t.equal(speech_seconds_sent, 0)
  }
  t.ok(Number(await reusedSeconds()) - reused > copies.length * 20, 'the seconds that were saved are counted')
  // Deleting the first video removes its results, and leaves those of the others.
  await deleteVideo(db, first, null)
  await db.updateTable('steps').set({ state: 'failed' }).where('name', '=', 'transcribe').execute()
  await retrySteps(db, ids[1]!)
  await process(ids[1]!, 'whisper-1')
  t.equal(speech.requests.length, asked)
  await process(await upload(path), 'gpt-4o-transcribe')
  t.ok(speech.requests.length > asked, 'another model is another question')
})

t.test('of a longer audio, and of one that differs in a word, only the new chunks are sent', async t => {
  const after = (index: number) => ({ word: VOCABULARY[(5 * index) % 24]!, start: index * 0.4 + 0.1 })
  const longer = [...words.slice(2), ...Array.from({ length: 25 }, (_, n) => after(60 + n))]
  const of = (said: SpokenWord[], length: number) => clip({ container: 'm4a', words: said, seconds: length })
  const before = speech.requests.length
  await process(await upload(await of(words.slice(2), seconds)), 'whisper-1')
  const all = speech.requests.length - before
  const id = await upload(await of(longer, seconds + 10))
  await process(id, 'whisper-1')
  t.equal((await getVideo(db, id)).transcript?.text, spokenText(longer))
  const more = speech.requests.slice(before + all)
  t.ok(more.length >= 2 && more.length < all, `${more.length} more after ${all}`)

  const changed = longer.map((word, index) => (index === 40 ? { ...word, word: VOCABULARY[23]! } : word))
  const asked = speech.requests.length
  const other = await upload(await of(changed, seconds + 10))
  await process(other, 'whisper-1')
  t.equal((await getVideo(db, other)).transcript?.text, spokenText(changed))
  const again = speech.requests.length - asked
  t.ok(again >= 1 && again <= 2, `${again} sent for one word, which two chunks may overlap at`)
})

t.test('a chunk that alone is forbidden is a gap, and no reason to pause', async t => {
  const some = words.map(({ word, ...rest }, index) => ({ ...rest, word: VOCABULARY[(index * 5) % 24]! }))
  speech.behave({
    refuse: { when: ({ words = [] }) => words[0]?.word === some[0]!.word, failure: { status: 403 } },
  })
  const id = await upload(await speechOf(some))
  await process(id, 'whisper-1')
  t.match((await stepsOf(db, id)).transcribe, { state: 'done', reason: 'partial', attempts: 1 })
  const transcript = await currentTranscript(db, id)
  t.match(transcript, { partial: true, gaps: [{ start: 0, code: 'speech_to_text_refused' }] })
  t.equal(await findPause(db, 'transcribe'), undefined)
  const { end } = transcript!.gaps[0]!
  const rest = some.filter(({ start }) => start >= end)
  t.ok(rest.length > 30)
  t.ok(spokenText(some).endsWith(transcript!.text) && transcript!.text.endsWith(spokenText(rest.slice(1))))
  speech.behave({ refuse: undefined })
})

t.test('a service that takes nothing pauses transcription, and loses no attempt', async t => {
  speech.behave({ apiKey: 'another' })
  const id = await upload(await clip({ words: words.slice(0, 3), video: false }))
  await process(id, 'whisper-1', async () => Boolean(await findPause(db, 'transcribe')))
  t.match((await stepsOf(db, id)).transcribe, { state: 'pending', attempts: 0 })
  t.match(await findPause(db, 'transcribe'), { code: 'speech_to_text_misconfigured', message: /401/ })
  speech.behave({ apiKey: undefined })
  await resumeStep(db, 'transcribe')
  await process(id, 'whisper-1')
  t.equal((await getVideo(db, id)).transcript?.text, spokenText(words.slice(0, 3)))
})
