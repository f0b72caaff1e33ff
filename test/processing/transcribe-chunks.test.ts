import t from 'tap'
import { StepError } from '../../src/base/errors.ts'
import type { Chunk } from '../../src/processing/speech/audio-chunks.ts'
import type { SpeechResult } from '../../src/processing/speech/speech-to-text.ts'
import { transcribeChunks } from '../../src/processing/speech/transcribe-chunks.ts'
import { failure } from '../support/failure.ts'

const chunks = (count: number): Chunk[] =>
  Array.from({ length: count }, (_, n) => ({ from: n, to: n + 1, start: n, end: n + 1 }))
const heard = (chunk: Chunk): SpeechResult => ({
  language: null,
  text: `${chunk.from}`,
  segments: [],
  words: [],
})
const passing = new StepError('speech_to_text_unavailable', 'later', { retryable: true })
const refused = new StepError('speech_to_text_refused', 'never', { retryable: false })
const misconfigured = new StepError('speech_to_text_misconfigured', 'wrong key', { retryable: false })

/** @param fates what becomes of a chunk: ok, passing, refused, or the error that ends all. */
async function hear(fates: string, concurrency = 1) {
  const asked: number[] = []
  const progress: number[] = []
  const outcomes = await transcribeChunks(chunks(fates.length), {
    concurrency,
    signal: new AbortController().signal,
    transcribe: async chunk => {
      asked.push(chunk.from)
      const fate = fates[chunk.from]
      if (fate === 'p') throw passing
      if (fate === 'r') throw refused
      if (fate === 'm') throw misconfigured
      return heard(chunk)
    },
    onProgress: percent => void progress.push(percent),
  })
  const became = outcomes.map(one => (one === passing ? 'p' : one === refused ? 'r' : '.')).join('')
  return { asked: asked.length, became, progress }
}

const cases: [name: string, fates: string, asked: number, became: string][] = [
  ['all is heard', '....', 4, '....'],
  ['one that fails does not hold up the others', '.p..', 4, '.p..'],
  ['nor one that is refused', 'r...', 4, 'r...'],
  ['failures with successes between them go on', 'p.p.p.', 6, 'p.p.p.'],
  ['a service that is down is not asked for all', '.pp...', 3, '.ppppp'],
  ['one that refuses all neither', 'rrrrrr', 2, 'rrrrrr'],
  ['but one that refuses some is', '.rrr..', 6, '.rrr..'],
]
for (const [name, fates, asked, became] of cases) {
  t.test(name, async t => {
    const result = await hear(fates)
    t.match(result, { asked, became })
    if (asked === fates.length) t.equal(result.progress.at(-1), 100)
  })
}

t.test('never more at a time than there are lanes', async t => {
  let [now, most] = [0, 0]
  const outcomes = await transcribeChunks(chunks(20), {
    concurrency: 3,
    signal: new AbortController().signal,
    transcribe: async chunk => {
      most = Math.max(most, ++now)
      await new Promise(resolve => setImmediate(resolve))
      now--
      return heard(chunk)
    },
    onProgress: () => {},
  })
  t.equal(most, 3)
  t.same(
    outcomes.map(outcome => (outcome as SpeechResult).text),
    Array.from({ length: 20 }, (_, n) => `${n}`),
  )
})

t.test('what ends it all ends the other lanes too, before it is told', async t => {
  let left = 0
  const ended = await failure(
    transcribeChunks(chunks(9), {
      concurrency: 3,
      signal: new AbortController().signal,
      transcribe: async (chunk, signal) => {
        if (chunk.from === 1) throw misconfigured
        left++
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        left--
        throw signal.reason
      },
      onProgress: () => {},
    }),
  )
  t.equal(ended, misconfigured)
  t.equal(left, 0)
  const abort = new AbortController()
  const aborted = failure(
    transcribeChunks(chunks(3), {
      concurrency: 2,
      signal: abort.signal,
      transcribe: async (_, signal) => {
        abort.abort(new Error('the video was deleted'))
        signal.throwIfAborted()
        throw passing
      },
      onProgress: () => {},
    }),
  )
  t.match(await aborted, { message: 'the video was deleted' })
})
