import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import t, { type Test } from 'tap'
import { startChildProgram } from './child-program.ts'
import { type Container, clip, corruptClip } from './clips.ts'
import { type SpeechServerOptions, startSpeechServer } from './speech-server.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'
import { spokenText } from './tone-words.ts'
import { until } from './until.ts'

const words = [
  { word: 'apple', start: 0.4 },
  { word: 'moon', start: 0.83 },
  { word: 'yellow', start: 2.05 },
  { word: 'eagle', start: 2.51 },
  { word: 'forest', start: 4.17, duration: 0.5 },
]
const spoken = await clip({ container: 'mp3', words, seconds: 5 })
const directory = throwAwayDirectory('sounds')

async function start(t: Test, options?: SpeechServerOptions) {
  const server = await startSpeechServer(options)
  t.teardown(() => server.stop())
  return server
}

/** Asks as any HTTP client does, and returns what was answered. */
async function ask(baseUrl: string, path: string, fields: Record<string, string | string[]> = {}) {
  const form = new FormData()
  for (const [name, values] of Object.entries({ model: 'whisper-1', ...fields })) {
    for (const value of [values].flat()) form.append(name, value)
  }
  form.append('file', await openAsBlob(path), basename(path))
  const response = await fetch(`${baseUrl}/audio/transcriptions`, { method: 'POST', body: form })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The sound that ffmpeg's filter makes, as an MP3. */
async function sound(filter: string): Promise<string> {
  const path = join(directory, `${createHash('sha256').update(filter).digest('hex').slice(0, 8)}.mp3`)
  await promisify(execFile)('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    filter,
    '-ar',
    '16000',
    '-b:a',
    '48k',
    path,
  ])
  return path
}

const CODECS: Partial<Record<Container, string>> = {
  mp3: 'MP3 at 48 kb/s',
  ogg: 'Opus',
  m4a: 'AAC',
  wav: 'PCM',
}

for (const [container, codec] of Object.entries(CODECS)) {
  t.test(`hears exactly what was said, and when, through ${codec}`, async t => {
    const server = await start(t)
    const path = await clip({ container: container as Container, words, seconds: 5, video: false })
    const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'none', maxRetries: 0 })
    const answer = await client.audio.transcriptions.create({
      file: createReadStream(path),
      model: 'whisper-1',
      response_format: 'verbose_json',
      timestamp_granularities: ['segment', 'word'],
    })
    t.equal(answer.text, spokenText(words))
    t.equal(answer.language, 'english')
    t.ok(Math.abs(answer.duration - 5) < 0.1)
    t.equal(answer.words?.length, words.length)
    for (const [i, { word, start, duration = 0.3 }] of words.entries()) {
      const heard = answer.words![i]!
      t.equal(heard.word, word)
      t.ok(Math.abs(heard.start - start) <= 0.05, `starts at ${heard.start}, not far from ${start}`)
      t.ok(
        Math.abs(heard.end - start - duration) <= 0.05,
        `ends at ${heard.end}, not far from ${start + duration}`,
      )
    }
    t.same(
      answer.segments?.map(({ id, text }) => [id, text]),
      [
        [0, ' apple moon'],
        [1, ' yellow eagle'],
        [2, ' forest'],
      ],
    )
    const file = await readFile(path)
    t.match(server.requests, [
      {
        time: Date,
        status: 200,
        fileName: basename(path),
        size: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
        duration: answer.duration,
        words: answer.words,
        fields: { model: 'whisper-1', 'timestamp_granularities[]': 'segment,word' },
      },
    ])
  })
}

t.test('hears nothing where nobody speaks', async t => {
  const { baseUrl } = await start(t)
  const silence = await clip({ container: 'mp3', audio: 'silent', seconds: 5 })
  const whiteNoise = await sound('anoisesrc=d=20:c=white:a=0.5:seed=1')
  const brownNoise = await sound('anoisesrc=d=20:c=brown:a=0.5:seed=2')
  const strangeTones = await sound('sine=f=600:d=5,volume=2[a];sine=f=1900:d=5,volume=2[b];[a][b]amix')
  for (const path of [silence, whiteNoise, brownNoise, strangeTones]) {
    const { status, text } = await ask(baseUrl, path, { response_format: 'verbose_json' })
    t.equal(status, 200)
    t.match(JSON.parse(text), { text: '', segments: [] })
  }
})

t.test('answers in the format that was asked for', async t => {
  const { baseUrl } = await start(t)
  const said = spokenText(words)
  t.equal(JSON.parse((await ask(baseUrl, spoken)).text).text, said)
  t.equal((await ask(baseUrl, spoken, { response_format: 'text' })).text, `${said}\n`)
  t.match(
    (await ask(baseUrl, spoken, { response_format: 'srt' })).text,
    /^1\n00:00:00,4\d\d --> 00:00:01,1\d\d\napple moon\n\n\n2\n/,
  )
  t.match(
    (await ask(baseUrl, spoken, { response_format: 'vtt' })).text,
    /^WEBVTT\n\n00:00:00\.4\d\d --> 00:00:01\.1\d\d\napple moon\n\n00/,
  )
  const verbose = async (granularities: string[]) => {
    const fields = {
      response_format: 'verbose_json',
      language: 'de',
      'timestamp_granularities[]': granularities,
    }
    return JSON.parse((await ask(baseUrl, spoken, fields)).text)
  }
  t.match(await verbose([]), {
    language: 'german',
    segments: [{ no_speech_prob: Number, tokens: [Number] }],
    words: undefined,
  })
  t.match(await verbose(['word']), { segments: undefined, words: [{ word: 'apple' }] })
})

t.test('the gpt-4o models give no times', async t => {
  const { baseUrl } = await start(t)
  const model = 'gpt-4o-mini-transcribe'
  const refused = await ask(baseUrl, spoken, { model, response_format: 'verbose_json' })
  t.equal(refused.status, 400)
  t.same(JSON.parse(refused.text), {
    error: {
      message: `response_format 'verbose_json' is not compatible with model '${model}'. Use 'json' or 'text' instead.`,
      type: 'invalid_request_error',
      param: 'response_format',
      code: 'unsupported_value',
    },
  })
  t.equal(
    JSON.parse((await ask(baseUrl, spoken, { model, response_format: 'json' })).text).text,
    spokenText(words),
  )
})

t.test('refuses what OpenAI refuses, and remembers it', async t => {
  const server = await start(t)
  const junk = join(directory, 'junk.mp3')
  await writeFile(junk, randomBytes(1000))
  const large = join(directory, 'large.mp3')
  await writeFile(large, Buffer.alloc(25 * 2 ** 20 + 1))
  const text = join(directory, 'speech.txt')
  await writeFile(text, 'apple')
  const refusals: [string, Record<string, string>, number, object][] = [
    [junk, {}, 400, { type: 'invalid_request_error', param: 'file' }],
    [await corruptClip('media'), {}, 400, { type: 'invalid_request_error', param: 'file' }],
    [large, {}, 413, { type: 'server_error', message: /26214400/ }],
    [text, {}, 400, { message: /Supported formats/ }],
    [spoken, { model: 'nobody' }, 404, { code: 'model_not_found' }],
    [spoken, { language: 'English' }, 400, { param: 'language' }],
    [spoken, { response_format: 'xml' }, 400, { param: 'response_format' }],
    [spoken, { 'timestamp_granularities[]': 'word' }, 400, { param: 'timestamp_granularities' }],
  ]
  for (const [path, fields, status, error] of refusals) {
    const answer = await ask(server.baseUrl, path, fields)
    t.equal(answer.status, status)
    t.match(JSON.parse(answer.text), { error })
  }
  t.same(
    server.requests.map(({ status }) => status),
    refusals.map(([, , status]) => status),
  )
})

t.test('demands a key where it has one', async t => {
  const { baseUrl } = await start(t, { apiKey: 'sesame' })
  const right = new OpenAI({ baseURL: baseUrl, apiKey: 'sesame', maxRetries: 0 })
  t.ok((await right.models.list()).data.some(({ id }) => id === 'whisper-1'))
  const wrong = new OpenAI({ baseURL: baseUrl, apiKey: 'guessed', maxRetries: 0 })
  await t.rejects(wrong.models.list(), { status: 401, code: 'invalid_api_key' })
  const refused = wrong.audio.transcriptions.create({ file: createReadStream(spoken), model: 'whisper-1' })
  await t.rejects(refused, /401 Incorrect API key/)
})

t.test('fails as often as it is told to', async t => {
  const server = await start(t)
  server.fail({ status: 429, times: 2, retryAfter: 7 })
  server.fail({ status: 503 })
  for (const status of [429, 429, 503, 200]) {
    const answer = await ask(server.baseUrl, spoken)
    t.equal(answer.status, status)
    t.equal(answer.headers.get('retry-after'), status === 429 ? '7' : null)
    if (status !== 200)
      t.match(JSON.parse(answer.text), { error: { message: String, type: String, param: null } })
  }
  t.same(
    server.requests.map(({ status }) => status),
    [429, 429, 503, 200],
  )
})

t.test('hangs: the request is there, and its answer never comes', async t => {
  const server = await start(t)
  server.hang()
  const gone = new AbortController()
  const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'none', maxRetries: 0 })
  const file = createReadStream(spoken)
  const answer = client.audio.transcriptions.create({ file, model: 'whisper-1' }, { signal: gone.signal })
  answer.catch(() => {})
  await until(() => server.requests.length === 1)
  t.equal((await ask(server.baseUrl, spoken)).status, 200, 'while the next one is answered')
  t.match(server.requests, [{ status: undefined }, { status: 200 }])
  gone.abort()
  await t.rejects(answer, /aborted/)
})

t.test('ends, hanging requests or not', async t => {
  const server = await startSpeechServer()
  server.hang()
  const answer = ask(server.baseUrl, spoken)
  answer.catch(() => {})
  await until(() => server.requests.length === 1)
  await server.stop()
  await t.rejects(answer)
})

t.test('cuts its answer short', async t => {
  const server = await start(t)
  server.cut()
  await t.rejects(ask(server.baseUrl, spoken), /terminated/)
  t.match(server.requests, [{ status: undefined, words: [{ word: 'apple' }] }])
  t.equal((await ask(server.baseUrl, spoken)).status, 200)
})

t.test('answers later where it is told to', async t => {
  const server = await start(t)
  server.delay(600)
  const answer = ask(server.baseUrl, spoken)
  await until(() => server.requests.length === 1)
  t.equal(server.requests[0]?.status, undefined)
  t.equal((await answer).status, 200)
})

t.test('runs by hand, and is told its faults over HTTP', async t => {
  const program = await startChildProgram({
    command: process.execPath,
    args: [join(import.meta.dirname, 'speech-server.ts')],
    ready: line => (line.startsWith('http') ? line : undefined),
    lastSignal: 'SIGKILL',
  })
  t.teardown(() => program.end('SIGTERM'))
  const tell = async (told: object) => {
    const headers = { 'content-type': 'application/json' }
    return (
      await fetch(new URL('/control', program.ready), { method: 'POST', headers, body: JSON.stringify(told) })
    ).json()
  }
  await tell({ fail: { status: 500 }, cut: 1 })
  t.equal((await ask(program.ready, spoken)).status, 500)
  await t.rejects(ask(program.ready, spoken))
  t.equal((await ask(program.ready, spoken)).status, 200)
  t.match(await tell({}), { requests: [{ status: 500 }, { words: [] }, { status: 200 }] })
})
