import t, { type Test } from 'tap'
import { StepError } from '../../src/base/errors.ts'
import { OpenAiSpeech } from '../../src/processing/speech/openai-speech.ts'
import { clip } from '../support/clips.ts'
import { failure } from '../support/failure.ts'
import { speechConfig } from '../support/speech-config.ts'
import { type SpeechServer, startSpeechServer } from '../support/speech-server.ts'
import { until } from '../support/until.ts'

const words = [
  { word: 'apple', start: 0.5 },
  { word: 'river', start: 1 },
  { word: 'moon', start: 3 },
]
const path = await clip({ container: 'mp3', words, seconds: 4 })
const { signal } = new AbortController()
/** Longer than the test may take: only an abort can end what hangs. */
const NEVER = 600

async function listening(t: Test, { model = 'whisper-1', timeout = NEVER } = {}) {
  const server = await startSpeechServer({ apiKey: 'secret', models: ['whisper-1', 'gpt-4o-transcribe'] })
  t.teardown(() => server.stop())
  const service = new OpenAiSpeech(
    speechConfig({ apiKey: 'secret', baseUrl: server.baseUrl, model, timeout }),
  )
  return {
    server,
    service,
    hear: (language: string | null = null) => service.transcribe(path, language, { signal }),
  }
}

const formats = (server: SpeechServer) => server.requests.map(request => request.fields['response_format'])

t.test('whisper-1 tells the words, when they were said, and in which language', async t => {
  const { server, hear } = await listening(t)
  const heard = await hear()
  t.match(heard, { language: 'en', text: 'apple river moon' })
  t.same(
    heard.segments.map(segment => segment.text),
    ['apple river', 'moon'],
  )
  t.same(
    heard.words.map(word => word.text),
    ['apple', 'river', 'moon'],
  )
  for (const [index, { start, end }] of heard.words.entries()) {
    t.ok(Math.abs(start - words[index]!.start) < 0.1, `${start}`)
    t.ok(Math.abs(end - start - 0.3) < 0.1, `${end}`)
  }
  t.equal(server.requests.length, 1)
  t.match(server.requests[0], {
    fields: { model: 'whisper-1', response_format: 'verbose_json' },
    fileName: /\.mp3$/,
  })
  t.equal(server.requests[0]?.fields['language'], undefined)
})

t.test('passes the declared language on in the form that the service takes', async t => {
  const { server, hear } = await listening(t)
  t.match(await hear('PT-br'), { language: 'pt' })
  t.equal(server.requests[0]?.fields['language'], 'pt')
})

t.test('a gpt-4o model gives the text alone', async t => {
  const { server, service, hear } = await listening(t, { model: 'gpt-4o-transcribe' })
  t.same(await hear(), { language: null, text: 'apple river moon', segments: [], words: [] })
  t.same(formats(server), ['json'])
  t.equal(service.options.response_format, 'json')
})

t.test('a server that knows fewer formats is asked for less, once, however many ask', async t => {
  const { server, service, hear } = await listening(t)
  server.behave({ formats: ['json'], language: 'code' })
  const heard = { text: 'apple river moon', segments: [], words: [] }
  for (const one of await Promise.all([hear(), hear(), hear()])) t.match(one, heard)
  t.match(await hear(), heard)
  t.same(service.options, { response_format: 'json', timestamp_granularities: [] })
  t.same(formats(server).slice(-1), ['json'])
  t.equal(server.requests.length, 3 * 3 + 1)
})

t.test('a server that knows no times of words, and languages by their codes', async t => {
  const { server, hear } = await listening(t)
  server.behave({ words: 'null', language: 'code' })
  t.match(await hear('de'), {
    language: 'de',
    segments: [{ text: 'apple river' }, { text: 'moon' }],
    words: [],
  })
})

t.test('every request whose audio was sent and not refused is counted', async t => {
  const { server, service } = await listening(t)
  let sent = 0
  const onSent = () => void sent++
  server.fail({ status: 429 })
  server.cut()
  await service.transcribe(path, null, { signal, onSent })
  t.equal(sent, 2)
  server.fail({ status: 400 })
  await failure(service.transcribe(path, null, { signal, onSent }))
  t.equal(sent, 2)
})

t.test('a check is one request, with a sound of its own', async t => {
  const { server, service } = await listening(t)
  t.match(await service.check(signal), { response_format: 'verbose_json' })
  server.fail({ status: 503 })
  t.match(await failure(service.check(signal)), { code: 'speech_to_text_unavailable' })
  t.match(server.requests, [
    { fileName: 'check.wav', status: 200, duration: 1, words: [] },
    { fileName: 'check.wav', status: 503 },
  ])
})

t.test('how much goes into a request: the model, or who set it, says', async t => {
  const baseUrl = 'http://127.0.0.1:1/v1'
  const limit = (settings: object) =>
    Math.round(new OpenAiSpeech(speechConfig({ baseUrl, ...settings })).maxSeconds)
  t.equal(limit({}), 900)
  t.equal(limit({ model: 'gpt-4o-transcribe' }), 900)
  t.equal(limit({ model: 'gpt-4o-transcribe', maxSeconds: 1300 }), 1300)
  t.equal(limit({ maxSeconds: 36_000 }), 4366, 'as much as 25 MiB hold')
  t.equal(limit({ maxSeconds: 36_000, maxBytes: 1e9 }), 36_000)
  t.equal(limit({ maxBytes: 1e6 }), 164)
  t.equal(limit({ maxBytes: 1 }), 1)
})

t.test('what fails for a moment is asked again', async t => {
  const { server, hear } = await listening(t)
  server.fail({ status: 429, retryAfter: 1 })
  server.fail({ status: 500 })
  t.match(await hear(), { text: 'apple river moon' })
  t.same(
    server.requests.map(request => request.status),
    [429, 500, 200],
  )
})

const failures: {
  name: string
  tell: (server: SpeechServer) => void
  error: Partial<StepError>
  requests: number
  message?: RegExp
}[] = [
  {
    name: 'too many requests',
    tell: server => server.fail({ status: 429, times: 3, retryAfter: 1 }),
    error: { code: 'speech_to_text_unavailable', retryable: true, retryAfter: 1 },
    requests: 3,
    message: /answered 429/,
  },
  {
    name: 'a service that is down',
    tell: server => server.fail({ status: 500, times: 3 }),
    error: { code: 'speech_to_text_unavailable', retryable: true, retryAfter: undefined },
    requests: 3,
    message: /answered 500/,
  },
  {
    name: 'a request that it does not take',
    tell: server => server.fail({ status: 400 }),
    error: { code: 'speech_to_text_refused', retryable: false },
    requests: 1,
    message: /answered 400.*Invalid request/,
  },
]
for (const { name, tell, error, requests, message } of failures) {
  t.test(`${name} ends in a typed failure`, async t => {
    const { server, hear } = await listening(t)
    tell(server)
    const found = (await failure(hear())) as StepError
    t.ok(found instanceof StepError)
    for (const [key, value] of Object.entries(error)) t.equal(found[key as keyof StepError], value, key)
    t.equal(server.requests.length, requests)
    if (message) t.match(found.message, message)
    t.match(await hear(), { text: 'apple river moon' }, 'and the next call is not the worse for it')
  })
}

t.test('a service that never answers is given up on, and can be asked again later', async t => {
  const { server, hear } = await listening(t, { timeout: 1 })
  server.hang(3)
  t.match(await failure(hear()), { code: 'speech_to_text_unavailable', retryable: true })
  t.equal(server.requests.length, 3)
})

t.test('an answer that is cut off is none', async t => {
  const { server, hear } = await listening(t)
  server.cut(3)
  t.match(await failure(hear()), { code: 'speech_to_text_unavailable', retryable: true })
  server.cut()
  t.match(await hear(), { text: 'apple river moon' }, 'and is asked for again')
})

t.test('a wrong key, model or address is a matter for who set it', async t => {
  const { server } = await listening(t)
  const settings = speechConfig({ apiKey: 'secret', baseUrl: server.baseUrl })
  const wrong = [{ apiKey: 'wrong' }, { model: 'whisper-9' }, { baseUrl: `${server.baseUrl}/nowhere` }]
  for (const [index, setting] of wrong.entries()) {
    const service = new OpenAiSpeech({ ...settings, ...setting })
    const found = (await failure(service.transcribe(path, null, { signal }))) as StepError
    t.match(found, { code: 'speech_to_text_misconfigured', retryable: false })
    t.match(found.message, index === 0 ? /401.*OPENAI_API_KEY/ : /404.*TRANSCRIBE_MODEL/)
    t.notMatch(found.message, /secret/)
  }
})

t.test('a service that is not there may come back', async t => {
  const { server, hear } = await listening(t)
  await server.stop()
  t.match(await failure(hear()), { code: 'speech_to_text_unavailable', retryable: true })
})

t.test('an abort ends a request that hangs, and one between two attempts', async t => {
  const { server, service } = await listening(t)
  const faults = [() => server.hang(), () => server.fail({ status: 429, times: 3, retryAfter: 50 })]
  for (const [index, tell] of faults.entries()) {
    tell()
    const abort = new AbortController()
    const reason = new Error('the video was deleted')
    const call = failure(service.transcribe(path, null, { signal: abort.signal }))
    await until(() => server.requests.length === index + 1)
    abort.abort(reason)
    t.equal(await call, reason)
  }
  t.equal(await failure(service.transcribe(path, null, { signal: AbortSignal.abort('before') })), 'before')
  t.equal(server.requests.length, 2)
})
