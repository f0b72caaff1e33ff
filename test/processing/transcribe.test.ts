import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { openPglite } from '../../src/database/pglite-database.ts'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import { SpeechToText } from '../../src/processing/speech-to-text.ts'
import { createSteps } from '../../src/processing/steps.ts'
import { Worker } from '../../src/processing/worker.ts'
import { DiskStorage } from '../../src/storage/disk-storage.ts'
import { retrySteps } from '../../src/videos/steps.ts'
import { currentTranscript } from '../../src/videos/transcripts.ts'
import { getVideo } from '../../src/videos/videos.ts'
import { addVideo, stepsOf } from '../support/catalogue-rows.ts'
import { clip } from '../support/clips.ts'
import { speechConfig } from '../support/speech-config.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { spokenText, VOCABULARY } from '../support/tone-words.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const database = await openPglite()
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
const SECONDS_PER_REQUEST = 8

const directory = throwAwayDirectory('transcribe')
const storage = new DiskStorage(directory)

async function upload(path: string): Promise<string> {
  const id = await addVideo(db)
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
  const steps = createSteps(new SpeechToText(settings), 0.1)
  const worker = new Worker({
    db,
    queue,
    storage,
    log,
    steps,
    workDirectory,
    sweepInterval: 0.1,
    onCommit: () => {},
  })
  worker.start()
  await until(check)
  await worker.stop()
  await queue.close()
}

for (const model of ['whisper-1', 'gpt-4o-transcribe']) {
  t.test(`${model} hears each word of a long speech once, in requests that it takes`, async t => {
    const before = speech.requests.length
    const id = await upload(await clip({ words, seconds }))
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
  const id = await upload(await clip({ words, seconds }))
  // The first answer waits for so long that the failure is told before the second request.
  speech.delay(1000)
  const told = until(() => speech.requests.length > before).then(() => {
    speech.fail({ status: 400 })
    speech.delay(0)
  })
  await process(id, 'whisper-1', async () => (await stepsOf(db, id)).transcribe.state === 'failed')
  await told
  const answered = speech.requests.slice(before).filter(request => request.status === 200)
  t.equal(answered.length, 1)
  await retrySteps(db, id)
  await process(id, 'whisper-1')
  const hashes = speech.requests
    .slice(before)
    .filter(request => request.status === 200)
    .map(request => request.sha256)
  t.equal(new Set(hashes).size, hashes.length)
  t.equal((await getVideo(db, id)).transcript?.text, spokenText(words))
})
