import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, readlinkSync, truncateSync } from 'node:fs'
import { getPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { sandboxAbilities } from '../../src/processing/programs/sandbox.ts'
import {
  BuiltinSpeech,
  type BuiltinSpeechOptions,
} from '../../src/processing/speech/builtin/builtin-speech.ts'
import { wordsOf } from '../../src/processing/speech/builtin/recognized-words.ts'
import { openRecognizer } from '../../src/processing/speech/builtin/recognizer.ts'
import { readWave } from '../../src/processing/speech/builtin/wave.ts'
import { ModelStore } from '../../src/processing/speech/model/model-store.ts'
import { childrenWith } from '../support/child-processes.ts'
import { failure } from '../support/failure.ts'
import { noSessionPriority, sessionNiceness, threadNiceness } from '../support/priority.ts'
import { openTinyModel, readAloud, TWO_CITIES, tinyModel } from '../support/real-speech.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { wordErrors } from '../support/word-errors.ts'

const store = await openTinyModel()
const wav = join(throwAwayDirectory('speech'), 'speech.wav')
execFileSync('ffmpeg', [
  ...['-v', 'error', '-t', '6', '-i', await readAloud()],
  ...['-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', wav],
])
/** The reason why the engine cannot be paused here, if any. */
const noPauses =
  !(await sandboxAbilities()).present.includes('ends with the worker') && 'the sandbox lacks a measure'
const call = () => ({ signal: AbortSignal.timeout(120_000) })

async function open(t: Test, options: Partial<BuiltinSpeechOptions> = {}): Promise<BuiltinSpeech> {
  const speech = new BuiltinSpeech({ store, name: 'tiny.en', log: pino({ level: 'silent' }), ...options })
  t.teardown(() => speech.stop())
  t.equal(await speech.unready(), undefined)
  return speech
}

/** The engine itself is the last process that its confinement has started. */
function engines(): number[] {
  return childrenWith('engine-main.ts').slice(-1)
}

t.test('one engine transcribes one file after the other, confined', async t => {
  const speech = await open(t)
  const results = await Promise.all([1, 2].map(() => speech.transcribe(wav, null, call())))
  for (const { text, language, words } of results) {
    t.match(text, /^It was the best of times[,.] it was the worst of times/i)
    t.equal(language, 'en')
    t.ok(words.length >= 12 && words.every(({ start, end }) => end >= start))
  }
  const [pid] = engines()
  t.match(await failure(speech.transcribe(wav, 'fr', call())), { code: 'speech_to_text_refused' })
  t.same(engines(), [pid], 'a refusal leaves it running')
  if ((await sandboxAbilities()).present.includes('own files')) {
    for (const kind of ['net', 'mnt', 'pid'])
      t.not(readlinkSync(`/proc/${pid}/ns/${kind}`), readlinkSync(`/proc/self/ns/${kind}`), kind)
    t.throws(() => readlinkSync(`/proc/${pid}/root/etc/passwd`), { code: 'ENOENT' })
  }
})

t.test('a phrase that is said four times is written four times', async t => {
  const speech = await open(t)
  const repeated = join(throwAwayDirectory('repeated'), 'repeated.wav')
  const [phrase, pause] = [5.3, 0.6]
  const filter = `atrim=end=${phrase},apad=pad_dur=${pause},aloop=3:${16_000 * (phrase + pause)}`
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', wav, '-af', filter, repeated])
  const { words } = await speech.transcribe(repeated, 'en', call())
  const plain = words.map(word => word.text.toLowerCase().replaceAll(/[^a-z]/g, '')).join(' ')
  const text = 'it was the best of times it was the worst of times'
  t.equal(plain, Array.from({ length: 4 }, () => text).join(' '))
})

t.test(
  'all threads of the engine, and its session, have a low priority',
  { skip: noSessionPriority((await sandboxAbilities()).present) },
  async t => {
    const speech = await open(t)
    await speech.transcribe(wav, 'en', call())
    const [pid] = engines()
    t.same([...new Set(threadNiceness(pid!))], [Math.min(19, getPriority() + 15)])
    await until(() => sessionNiceness(pid!) === 15)
  },
)

t.test('the engine pauses while others need the processors', { skip: noPauses }, async t => {
  const ticks = { urgent: 0, all: 0, own: 0 }
  let busy = true
  const readTicks = () => {
    ticks.all += 100
    if (busy) ticks.urgent += 100
    ticks.own += 100
    return { ...ticks }
  }
  const speech = await open(t, { readTicks })
  const transcribing = speech.transcribe(wav, 'en', call())
  const isPaused = () => engines().some(pid => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  await until(isPaused, { interval: 5 })
  await until(() => !isPaused(), { interval: 5 })
  await until(isPaused, { interval: 5 })
  busy = false
  t.match((await transcribing).text, /^It was the best of times/i)
  t.equal(engines().length, 1)
})

t.test('an engine that is killed, or that uses too much memory, is replaced', async t => {
  const speech = await open(t, { maxMemoryBytes: 1 })
  await speech.transcribe(wav, 'en', call())
  t.same(engines(), [], 'it was ended after the request')
  const transcribing = failure(speech.transcribe(wav, 'en', call()))
  const [pid] = await until(() => engines().length > 0 && engines())
  process.kill(pid!, 'SIGKILL')
  t.match(await transcribing, { name: 'StepError' })
  t.equal(await speech.unready(), undefined, 'the model is looked at again, and is whole')
  t.match(await speech.transcribe(wav, 'en', call()), { language: 'en' })
})

t.test('a check finds an engine that does not start, and the next one mends its model', async t => {
  const directory = throwAwayDirectory('models')
  cpSync(dirname((await store.find())!.directory), directory, { recursive: true })
  const own = new ModelStore({ directory, model: 'tiny.en', offline: await tinyModel(), hub: '' })
  const speech = await open(t, { store: own })
  truncateSync(join((await own.find())!.directory, 'decoder.onnx'), 1000)
  t.match(await failure(speech.check(call().signal)), {
    code: 'speech_model_unavailable',
    message: /damaged/,
  })
  t.match(await speech.check(call().signal), { response_format: 'verbose_json' })
  t.match(await speech.transcribe(wav, 'en', call()), { language: 'en' })
})

t.test('an engine without work ends, and the next request starts one', async t => {
  const speech = await open(t, { idleMs: 1 })
  await speech.transcribe(wav, 'en', call())
  await until(() => engines().length === 0)
  t.match(await speech.transcribe(wav, 'en', call()), { language: 'en' })
})

t.test('a request that is given up ends the engine', async t => {
  const speech = await open(t)
  const given = new AbortController()
  const transcribing = failure(speech.transcribe(wav, 'en', { signal: given.signal }))
  await until(() => engines().length > 0)
  given.abort(new Error('the worker is stopped'))
  t.match(await transcribing, { message: 'the worker is stopped' })
  await until(() => engines().length === 0)
})

t.test('all sentences of a chunk are found at once, with their times', async t => {
  const chunk = join(throwAwayDirectory('chunk'), 'chunk.wav')
  const cut = ['-t', '21.1', '-i', await readAloud(), '-ac', '1', '-ar', '16000']
  execFileSync('ffmpeg', ['-v', 'error', ...cut, chunk])
  const { samples, rate } = readWave(readFileSync(chunk))
  const recognizer = await openRecognizer((await store.find())!.directory)
  const result = await recognizer.recognize(samples, rate, 'en')
  const words = wordsOf(result, 'en')
  const text = TWO_CITIES.split(' ').slice(0, 60).join(' ')
  const errors = wordErrors(words, text)
  t.ok(errors < 0.1, `${(100 * errors).toFixed(1)} % are wrong: ${words.map(word => word.text).join('')}`)
  t.equal(result.timestamps?.length, result.tokens.length)
  t.ok(words.every(({ start }, index) => start >= (words[index - 1]?.start ?? 0)))
  t.ok(words.at(-1)!.start > 19, 'the last word is at the end')
})

t.test('the build in WebAssembly takes over if the native library does not load', async t => {
  const { directory } = (await store.find())!
  const recognizer = await openRecognizer(directory, ['wasm'])
  t.equal(recognizer.library, 'wasm')
  const { samples, rate } = readWave(readFileSync(wav))
  const { tokens, timestamps = [] } = await recognizer.recognize(samples, rate, '')
  t.match(
    tokens.join('').replaceAll('\u0120', ' '),
    /^ It was the best of times[,.] it was the worst of times/i,
  )
  t.equal(timestamps.length, tokens.length)
})
