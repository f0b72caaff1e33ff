import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import t from 'tap'
import { LocalSignal } from '../../src/base/signal.ts'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import { DiskStorage } from '../../src/objects/disk/disk-storage.ts'
import { OpenAiSpeech } from '../../src/processing/speech/openai-speech.ts'
import { createSteps } from '../../src/processing/steps.ts'
import { Worker } from '../../src/processing/worker/worker.ts'
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
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { type SpokenWord, spokenText, VOCABULARY } from '../support/tone-words.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
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
const storage = new DiskStorage(directory)

async function upload(path: string): Promise<string> {
  const id = await addVideo(db, { length: (await stat(path)).size })
  await storage.append(`uploads/${id}`, 0, createReadStream(path), async () => {})
  return id
}

/** Runs a worker until the video is ready, or the check is met. */
async function process(
  id: string,
  model: string,
  check = async () => (await getVideo(db, id)).status === 'ready',
) {
  const queue = new MemoryQueue(log)
  const settings = speechConfig({ baseUrl: speech.baseUrl, model, maxSeconds: SECONDS_PER_REQUEST })
  const workDirectory = join(directory, 'work')
  const steps = createSteps(new OpenAiSpeech(settings), 0.1)
  const worker = new Worker({
    db,
    queue,
    storage,
    log,
    steps,
    workDirectory,
    sweepInterval: 0.1,
    signal: new LocalSignal(),
  })
  worker.start()
  await until(check, { timeout: 120_000 })
  await worker.stop()
  await queue.close()
}

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

t.test(
  'the same sound in another file, of another name and with another hash, is not sent again',
  async t => {
    const [path, retitled] = [await speechOf(words.slice(1)), join(directory, 'retitled.mp4')]
    const copy = ['-c', 'copy', '-metadata', 'title=Another', retitled]
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', path, ...copy])
    const first = await upload(path)
    await process(first, 'whisper-1')
    const asked = speech.requests.length
    const second = await upload(retitled)
    await process(second, 'whisper-1')
    t.equal(speech.requests.length, asked)
    const [one, other] = [await getVideo(db, first), await getVideo(db, second)]
    t.not(one.sha256, other.sha256)
    t.equal(other.transcript?.text, spokenText(words.slice(1)))
    t.equal(other.speech_seconds_sent, 0)
    // Deleted with the first is what was said in it, and not what the second keeps.
    await deleteVideo(db, first, null)
    await db.updateTable('steps').set({ state: 'failed' }).where('name', '=', 'transcribe').execute()
    await retrySteps(db, second)
    await process(second, 'whisper-1')
    t.equal(speech.requests.length, asked)
    await process(await upload(path), 'gpt-4o-transcribe')
    t.ok(speech.requests.length > asked, 'another model is another question')
  },
)

t.test('a piece that alone is forbidden is a gap, and no reason to pause', async t => {
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
