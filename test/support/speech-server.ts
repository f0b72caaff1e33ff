import { rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { decodeAudio } from './decode-audio.ts'
import { ApiError, asApiError, type Failure, failed } from './speech-error.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'
import { type HeardWord, hearWords, SAMPLE_RATE } from './tone-words.ts'
import { type Quirks, RESPONSE_FORMATS } from './transcription.ts'
import { MAX_BODY, readTranscriptionForm, type TranscriptionForm } from './transcription-form.ts'

export interface SpeechServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Demanded of every request, where it is set. */
  readonly apiKey?: string
  readonly models?: readonly string[]
}

/** One transcription that was asked for. It is recorded once its body has arrived, and completed as it is answered. */
export interface SpeechRequest {
  readonly time: Date
  /** The form's fields as they came; repeated ones are joined with commas. */
  readonly fields: Readonly<Record<string, string>>
  readonly fileName: string | undefined
  /** Bytes of the file. */
  readonly size: number
  readonly sha256: string
  /** Seconds of audio that were heard. */
  duration?: number
  words?: readonly HeardWord[]
  /** The status that it was answered with; absent as long as there is no answer, or only a part of one. */
  status?: number
}

export interface SpeechServer {
  /** For OPENAI_BASE_URL. */
  readonly baseUrl: string
  readonly requests: readonly SpeechRequest[]
  /** The next requests fail. Faults of all kinds are used up in the order in which they were told. */
  fail(failure: Failure): void
  /** The next requests are read and never answered. */
  hang(times?: number): void
  /** The next requests are answered with half a body, and then their connection is cut. */
  cut(times?: number): void
  /** From now on it is of another kind; what is not given stays as it is. */
  behave(kind: Partial<Behaviour>): void
  /** Every answer waits this long from now on. */
  delay(milliseconds: number): void
  stop(): Promise<void>
}

/** In what servers differ, and what goes wrong permanently. */
export interface Behaviour extends Quirks {
  /** Demanded of every request, unless it is undefined. */
  apiKey: string | undefined
  /** The only formats that it knows; all where it is undefined. */
  formats: readonly string[] | undefined
  /** What is heard in this audio is refused, each time. */
  refuse: { when: (asked: SpeechRequest) => boolean; failure: Failure } | undefined
}

type Fault = { kind: 'fail'; failure: Failure } | { kind: 'hang' } | { kind: 'cut' }

/** OpenAI's limits, in seconds. */
const MAX_GPT_SECONDS = 1400
const MIN_SECONDS = 0.1
const FILE_FORMATS = ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']

/**
 * A speech-to-text server that speaks OpenAI's transcription API on loopback and really listens: it decodes the file
 * that it was sent, and answers with the tone words that are in it. So an answer is right only if the audio was.
 */
export async function startSpeechServer(options: SpeechServerOptions = {}): Promise<SpeechServer> {
  const { models = ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'] } = options
  const requests: SpeechRequest[] = []
  const faults: Fault[] = []
  let delay = 0
  const behaviour: Behaviour = {
    apiKey: options.apiKey,
    formats: undefined,
    refuse: undefined,
    words: 'given',
    language: 'name',
    invents: false,
  }
  const directory = throwAwayDirectory('speech')

  const control = {
    fail: (failure: Failure) => tell({ kind: 'fail', failure }, failure.times),
    hang: (times = 1) => tell({ kind: 'hang' }, times),
    cut: (times = 1) => tell({ kind: 'cut' }, times),
    behave: (kind: Partial<Behaviour>) => void Object.assign(behaviour, kind),
    delay(milliseconds: number) {
      delay = milliseconds
    },
  }

  function tell(fault: Fault, times = 1): void {
    for (let i = 0; i < times; i++) faults.push(fault)
  }

  const app = fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } })
  app.register(multipart, { limits: { fileSize: Number.POSITIVE_INFINITY } })
  app.setErrorHandler((error, _request, reply) => send(reply, asApiError(error)))
  app.setNotFoundHandler((request, reply) =>
    send(reply, new ApiError(404, `Invalid URL (${request.method} ${request.url})`)),
  )

  app.get('/v1/models', async request => {
    checkKey(request, behaviour.apiKey)
    const data = models.map(id => ({ id, object: 'model', created: 1_677_532_384, owned_by: 'longtake' }))
    return { object: 'list', data }
  })

  app.post('/v1/audio/transcriptions', async (request, reply) => {
    const form = await readTranscriptionForm(request)
    const asked: SpeechRequest = {
      time: new Date(),
      fields: form.fields,
      fileName: form.file?.name,
      size: form.file?.size ?? 0,
      sha256: form.file?.sha256 ?? '',
    }
    requests.push(asked)
    const fault = faults.shift()
    if (delay) await pause(delay)
    if (fault?.kind === 'hang') return reply.hijack()
    try {
      if (fault?.kind === 'fail') throw failed(fault.failure)
      checkKey(request, behaviour.apiKey)
      const answer = await transcribe(form, asked)
      if (fault?.kind === 'cut') return cutShort(reply, answer)
      asked.status = 200
      return reply.type(answer.type).send(answer.body)
    } catch (error) {
      const apiError = asApiError(error)
      asked.status = apiError.status
      return send(reply, apiError)
    }
  })

  async function transcribe(form: TranscriptionForm, asked: SpeechRequest): Promise<Answer> {
    const { model, response_format: format = 'json', language } = form.fields
    if (!form.file)
      throw new ApiError(400, "Missing required parameter: 'file'.", 'file', 'missing_required_parameter')
    if (!model || !models.includes(model))
      throw new ApiError(404, `The model '${model}' does not exist`, null, 'model_not_found')
    const render = Object.hasOwn(RESPONSE_FORMATS, format) ? RESPONSE_FORMATS[format] : undefined
    if (!render) throw new ApiError(400, `Invalid value: '${format}'.`, 'response_format', 'invalid_value')
    const textOnly = model.startsWith('gpt-4o')
    const known = behaviour.formats ?? (textOnly ? ['json', 'text'] : [format])
    if (!known.includes(format)) {
      throw new ApiError(
        400,
        `response_format '${format}' is not compatible with model '${model}'. Use 'json' or 'text' instead.`,
        'response_format',
        'unsupported_value',
      )
    }
    if (form.granularities.length > 0 && format !== 'verbose_json') {
      const field = 'timestamp_granularities'
      throw new ApiError(400, `'${field}' is only available with response_format 'verbose_json'.`, field)
    }
    if (form.file.requestSize > MAX_BODY) {
      const message = `Maximum content size limit (${MAX_BODY}) exceeded (${form.file.requestSize} bytes read)`
      throw new ApiError(413, message, null, null, 'server_error')
    }
    const extension = extname(form.file.name).slice(1).toLowerCase()
    if (!FILE_FORMATS.includes(extension)) {
      throw new ApiError(400, `Invalid file format. Supported formats: ${JSON.stringify(FILE_FORMATS)}`)
    }
    languageName(language)

    const path = join(directory, `${requests.length}-${asked.sha256.slice(0, 8)}.${extension}`)
    await writeFile(path, form.file.bytes)
    const pcm = await decodeAudio(path)
      .catch(() => {
        throw new ApiError(400, 'Audio file might be corrupted or unsupported', 'file', 'invalid_value')
      })
      .finally(() => rm(path))
    const duration = pcm.length / SAMPLE_RATE
    if (duration < MIN_SECONDS) {
      throw new ApiError(
        400,
        'Audio file is too short. Minimum audio length is 0.1 seconds.',
        'file',
        'audio_too_short',
      )
    }
    if (textOnly && duration > MAX_GPT_SECONDS) {
      const message = `audio duration ${duration} seconds is longer than ${MAX_GPT_SECONDS} seconds which is the maximum for this model`
      throw new ApiError(400, message, 'file', 'invalid_value')
    }
    asked.duration = duration
    asked.words = hearWords(pcm)
    if (behaviour.refuse?.when(asked)) throw failed(behaviour.refuse.failure)
    const named = behaviour.language === 'name' ? languageName(language) : (language ?? 'en')
    return render({ words: asked.words, duration, language: named, quirks: behaviour }, form.granularities)
  }

  app.post('/control', async request => {
    const told = (request.body ?? {}) as { fail?: Failure; hang?: number; cut?: number; delay?: number }
    if (told.fail) control.fail(told.fail)
    if (told.hang) control.hang(told.hang)
    if (told.cut) control.cut(told.cut)
    if (told.delay !== undefined) control.delay(told.delay)
    return { requests }
  })

  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  const { port } = app.server.address() as AddressInfo
  return { baseUrl: `http://127.0.0.1:${port}/v1`, requests, ...control, stop: () => app.close() }
}

interface Answer {
  readonly type: string
  readonly body: string
}

function send(reply: FastifyReply, error: ApiError): FastifyReply {
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
  return reply.code(error.status).send(error.body)
}

function checkKey(request: FastifyRequest, apiKey: string | undefined): void {
  if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`)
    throw failed({ status: 401 })
}

function languageName(code = 'en'): string {
  const name = /^[a-z]{2}$/.test(code)
    ? new Intl.DisplayNames('en', { type: 'language' }).of(code)
    : undefined
  if (name && name !== code) return name.toLowerCase()
  throw new ApiError(
    400,
    `Invalid language '${code}'. Language parameter must be specified in ISO-639-1 format.`,
    'language',
    'invalid_language_format',
  )
}

function cutShort(reply: FastifyReply, { type, body }: Answer): FastifyReply {
  const bytes = Buffer.from(body)
  const half = bytes.subarray(0, bytes.length >> 1)
  const response = reply.hijack().raw
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length })
  response.write(half, () => response.destroy())
  return reply
}

// By hand: node test/support/speech-server.ts 9000
// Faults are then told with: curl localhost:9000/control --json '{"fail":{"status":429,"times":2}}'
if (import.meta.main) {
  const server = await startSpeechServer({ port: Number(process.argv[2] ?? 0) })
  console.log(server.baseUrl)
}
