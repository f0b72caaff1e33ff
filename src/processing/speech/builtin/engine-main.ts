import { timingSafeEqual } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { recognizeWords } from './recognize-words.ts'
import { sentencesOf } from './recognized-words.ts'
import { openRecognizer, type Recognizer } from './recognizer.ts'
import { readWave, WaveError } from './wave.ts'

// The built-in engine: a process that speaks OpenAI's transcription API on a socket of its own, one request after the other.

const MAX_BODY_BYTES = 4 * 2 ** 20
/** On systems whose sandbox does not end the engine with the worker, it ends by itself after this time without a request. */
const MAX_IDLE_MS = 300_000

/** An error in the form of OpenAI's API. */
class Refusal extends Error {
  readonly status: number
  readonly param: string | null

  constructor(status: number, message: string, param: string | null = null) {
    super(message)
    this.status = status
    this.param = param
  }
}

const [model = '', directory = ''] = process.argv.slice(2)

async function main(): Promise<void> {
  const key = readFileSync(join(directory, 'key'), 'utf8')
  rmSync(join(directory, 'key'))
  const recognizer = await openRecognizer(model)
  // An ordinary exit would wait for the native code.
  const idle = setTimeout(() => process.kill(process.pid, 'SIGKILL'), MAX_IDLE_MS)
  const server = createServer((request, response) => {
    idle.refresh()
    answer(request, response, key, recognizer).catch(error => refuse(response, error))
  })
  server.listen(join(directory, 'socket'), () =>
    process.stdout.write(`${JSON.stringify({ library: recognizer.library, fault: recognizer.fault })}\n`),
  )
}

let last: Promise<unknown> = Promise.resolve()

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
  recognizer: Recognizer,
): Promise<void> {
  requireKey(request, key)
  if (request.method === 'GET' && request.url === '/memory')
    return send(response, 200, { rss: process.memoryUsage.rss() })
  if (request.method !== 'POST' || request.url !== '/v1/audio/transcriptions')
    throw new Refusal(404, 'Invalid URL')
  const form = await readForm(request)
  const work = last.then(() => transcribe(form, recognizer))
  last = work.catch(() => {})
  send(response, 200, await work)
}

function requireKey({ headers }: IncomingMessage, key: string): void {
  const [sent, expected] = [Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${key}`)]
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected))
    throw new Refusal(401, 'Incorrect API key')
}

async function readForm(request: IncomingMessage): Promise<FormData> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new Refusal(413, `A request has at most ${MAX_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  const headers = { 'content-type': request.headers['content-type'] ?? '' }
  try {
    return await new Response(Buffer.concat(chunks), { headers }).formData()
  } catch {
    throw new Refusal(400, 'The body is not a form.')
  }
}

async function transcribe(form: FormData, recognizer: Recognizer): Promise<object> {
  const [file, language] = [form.get('file'), form.get('language')]
  if (!(file instanceof File)) throw new Refusal(400, 'The form has no file.', 'file')
  if (language !== null && !recognizer.supports(String(language)))
    throw new Refusal(400, `This model does not support the language ${language}.`, 'language')
  const wave = readWave(Buffer.from(await file.arrayBuffer()))
  const result = await recognizeWords(recognizer, wave, language === null ? '' : String(language))
  const segments = sentencesOf(result.words)
  return {
    task: 'transcribe',
    language: result.language,
    duration: wave.samples.length / wave.rate,
    text: segments.map(({ text }) => text).join(' '),
    segments: segments.map(({ start, end, text }, id) => ({ id, start, end, text })),
    words: segments.flatMap(segment =>
      segment.words.map(({ start, end, text }) => ({ start, end, word: text.trim() })),
    ),
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = error instanceof Refusal || error instanceof WaveError
  const status = error instanceof Refusal ? error.status : known ? 400 : 500
  const message = known ? error.message : String(error)
  send(response, status, {
    error: {
      message,
      type: 'invalid_request_error',
      param: error instanceof Refusal ? error.param : null,
      code: null,
    },
  })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

main().catch(error => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
})
