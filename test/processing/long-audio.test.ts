import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { audio } from '../../src/processing/media/audio.ts'
import { getVideo } from '../../src/videos/catalogue/videos.ts'
import { retrySteps } from '../../src/videos/pipeline/retry.ts'
import { currentTranscript } from '../../src/videos/transcripts/transcripts.ts'
import { addVideo, complete, FACTS, stepsOf } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { longSpeech, PART, type Part, wordsOfSpeech } from '../support/long-speech.ts'
import { runStep } from '../support/run-step.ts'
import { speechConfig } from '../support/speech-config.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { diskStorage } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { VOCABULARY } from '../support/tone-words.ts'
import { INVENTED } from '../support/transcription.ts'
import { workUntil } from '../support/transcription-worker.ts'

/** More by an environment variable: ten work as well. */
const HOURS = Number(process.env['HOURS'] ?? 0.5)
const TIMEOUT_MS = 300_000 * Math.max(1, HOURS)
const SECONDS_PER_REQUEST = 150 * Math.max(1, HOURS)
const LANES = 3

// A word every nine seconds; a tenth of it in which nobody draws breath; a quarter, and the end, in which nobody speaks.
const RARE = VOCABULARY.at(-1)!
const common = VOCABULARY.slice(0, -1)
const length = Math.round((HOURS * 3600) / PART)
// What repeats itself would make pieces that are the same.
const any = (index: number, below: number) => (Math.imul(index + 1, 2_654_435_761) >>> 16) % below
const parts = Array.from({ length }, (_, index): Part => {
  const at = (index * 800) / length
  if (at >= 250 && at < 340) return { dense: any(index, 3) }
  if ((at >= 450 && at < 650) || at >= 790) return 'silence'
  if (index === Math.floor((700 * length) / 800)) return { say: RARE }
  return { say: common[any(index, common.length)]! }
})
const duration = parts.length * PART
const spoken = wordsOfSpeech(parts)

t.test('hours of audio, with every kind of fault on the way', { timeout: 2 * TIMEOUT_MS }, async t => {
  const { db, close } = await openEmbeddedDatabase()
  t.teardown(close)
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const directory = throwAwayDirectory('long-audio')
  const storage = diskStorage(directory).objects
  const config = speechConfig({
    baseUrl: speech.baseUrl,
    maxSeconds: SECONDS_PER_REQUEST,
    concurrency: LANES,
  })

  const id = await addVideo(db)
  const source = join(directory, 'source.wav')
  await writeFile(source, longSpeech(parts))
  const { path, details } = (await runStep(audio, source, { facts: { ...FACTS, duration } })).files.audio!
  const key = `artifacts/${id}/audio.mp3`
  const size = await storage.put(path, key)
  await complete(db, id, 'probe', { facts: { ...FACTS, duration } })
  await complete(db, id, 'audio', {
    artifacts: [{ kind: 'audio', storage_key: key, content_type: 'audio/mpeg', size, details }],
  })

  speech.behave({
    invents: true,
    // One piece is never taken.
    refuse: {
      when: ({ words = [] }) => words.some(({ word }) => word === RARE),
      failure: { status: 400 },
    },
  })
  speech.fail({ status: 429, retryAfter: 1 })
  speech.fail({ status: 500 })
  speech.cut()
  speech.fail({ status: 408 })
  speech.fail({ status: 503, retryAfter: new Date(Date.now() + 1000).toUTCString() })

  // The worker is stopped in the middle of it all.
  const answered = () => speech.requests.filter(({ status }) => status === 200)
  await workUntil(db, directory, config, () => answered().length >= 5, TIMEOUT_MS)
  const before = answered().length
  const transcribed = async () => {
    const { state } = (await stepsOf(db, id)).transcribe
    return state === 'done' || state === 'failed'
  }
  await workUntil(db, directory, config, transcribed, TIMEOUT_MS)

  await t.test('what is missing is a marked gap, and all the rest is there', async t => {
    const refusal = /answered 400: .*Invalid request/
    const step = (await stepsOf(db, id)).transcribe
    t.match(step, {
      state: 'done',
      reason: 'partial',
      error_code: 'speech_to_text_refused',
      error_message: refusal,
    })
    const transcript = await currentTranscript(db, id)
    t.match(transcript, { revision: 1, partial: true, model: 'whisper-1', language: 'en' })
    t.equal(transcript?.gaps.length, 1)
    const [gap] = transcript!.gaps
    t.match(gap, { code: 'speech_to_text_refused', message: refusal })
    const rare = spoken.find(({ word }) => word === RARE)!
    t.ok(gap!.start < rare.start && rare.start < gap!.end)
    isSaid(
      t,
      spoken.filter(({ start }) => start < gap!.start || start >= gap!.end),
      transcript!.segments,
    )
  })

  await t.test('no words are invented where nobody speaks', async t => {
    const { dropped, text, speech_share } = (await currentTranscript(db, id))!
    t.notMatch(text, INVENTED)
    t.ok(dropped.length > 0)
    for (const one of dropped) t.match(one, { text: INVENTED, reason: /^(silence|no_speech)$/ })
    const said = spoken.length * 0.3
    t.ok(Math.abs(speech_share! * duration - said) < 0.5 * said, `${speech_share}`)
  })

  await t.test(
    'each request is as long as it may be at most, and a stop repeats one in each lane',
    async t => {
      t.ok(speech.requests.every(({ duration = 0 }) => duration <= SECONDS_PER_REQUEST + 0.1))
      const hashes = answered().map(({ sha256 }) => sha256)
      const repeated = hashes.length - new Set(hashes).size
      t.ok(repeated <= LANES, `${repeated} repeated of ${hashes.length}, ${before} before the stop`)
      const statuses = speech.requests.map(({ status }) => status)
      for (const status of [400, 408, 429, 500, 503])
        t.ok(statuses.includes(status), `${status} was answered`)
    },
  )

  await t.test('seconds that were sent are counted', async t => {
    const { speech_seconds_sent: sent } = await getVideo(db, id)
    const heard = answered().reduce((sum, { duration = 0 }) => sum + duration, 0)
    // The one that was cut was sent too, and of those that the stop ended nobody knows.
    t.ok(sent > heard - LANES * SECONDS_PER_REQUEST && sent < heard + 4 * SECONDS_PER_REQUEST, `${sent} s`)
    const usage = await db.selectFrom('speech_usage').selectAll().executeTakeFirst()
    t.match(usage, { model: 'whisper-1', seconds_sent: sent, seconds_reused: 0 })
  })

  await t.test('a retry fills the gap, and asks for nothing else', async t => {
    speech.behave({ refuse: undefined })
    const asked = speech.requests.length
    t.ok((await retrySteps(db, id)).includes('transcribe'))
    await workUntil(db, directory, config, transcribed, TIMEOUT_MS)
    t.match((await stepsOf(db, id)).transcribe, { state: 'done', reason: null, error_code: null })
    t.equal(speech.requests.length, asked + 1)
    const transcript = await currentTranscript(db, id)
    t.match(transcript, { revision: 2, partial: false, gaps: [] })
    isSaid(t, spoken, transcript!.segments)
  })
})

/** Each word once, in order, at its time. */
function isSaid(
  t: Test,
  expected: readonly { word: string; start: number }[],
  segments: readonly { words?: { start: number; end: number; text: string }[] }[],
): void {
  const words = segments.flatMap(({ words = [] }) => words)
  t.equal(words.length, expected.length)
  const wrong = words.findIndex(
    ({ text, start }, index) =>
      text !== expected[index]?.word || Math.abs(start - expected[index].start) > 0.1,
  )
  if (wrong >= 0)
    t.fail(`${JSON.stringify(words[wrong])} stands for ${JSON.stringify(expected[wrong])} (word ${wrong})`)
}
