import { openAsBlob } from 'node:fs'
import OpenAI, { APIConnectionError, APIError, APIUserAbortError } from 'openai'
import type { SpeechToTextConfig } from '../config.ts'
import { StepError } from '../errors.ts'

/** Attempts of one request within one attempt of the step, for faults that pass in seconds. */
const RETRIES = 2

export interface HeardSegment {
  /** Seconds from the start of the audio that was sent. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What a service heard in one request. */
export interface Heard {
  /** As a code such as `en` where it is known. */
  readonly language: string | null
  readonly text: string
  /** Empty where the model tells no times. */
  readonly segments: readonly HeardSegment[]
  readonly words: readonly HeardSegment[]
}

/** Ways to ask, best first; a service that refuses one is asked the next from then on. */
const SHAPES = [
  { response_format: 'verbose_json', timestamp_granularities: ['segment', 'word'] },
  { response_format: 'verbose_json' },
  { response_format: 'json' },
] as const

/** A speech-to-text service that speaks OpenAI's transcription API. The only place that calls one. */
export class SpeechToText {
  readonly model: string
  /** Seconds of audio that one request takes. */
  readonly maxSeconds: number
  /** Seconds that one call takes at most, all its attempts together. */
  readonly patience: number
  readonly #client: OpenAI
  #shape: number

  constructor(config: SpeechToTextConfig) {
    this.model = config.model
    this.maxSeconds = config.maxSeconds
    this.patience = (RETRIES + 1) * (config.timeout + 60)
    this.#client = new OpenAI({
      apiKey: config.apiKey,
      baseURL: config.baseUrl ?? null,
      timeout: config.timeout * 1000,
      maxRetries: RETRIES,
      logLevel: 'off',
    })
    // OpenAI's gpt models give text without times; whisper and the self-hosted servers know all shapes.
    this.#shape = config.model.startsWith('gpt-') ? SHAPES.length - 1 : 0
  }

  /** Whether results carry times, as far as is known by now. */
  get timed(): boolean {
    return this.#shape < SHAPES.length - 1
  }

  /**
   * Sends an MP3 file.
   * @param language as a BCP 47 tag, or null to let the service find out.
   * @throws StepError; the signal's reason where that ended it.
   */
  async transcribe(path: string, language: string | null, signal: AbortSignal): Promise<Heard> {
    for (;;) {
      try {
        return readAnswer(await this.#ask(path, language, signal))
      } catch (error) {
        signal.throwIfAborted()
        if (isRefusedShape(error) && this.#shape < SHAPES.length - 1) this.#shape += 1
        else throw explain(error)
      }
    }
  }

  async #ask(path: string, language: string | null, signal: AbortSignal): Promise<unknown> {
    const file = new File([await openAsBlob(path)], 'audio.mp3', { type: 'audio/mpeg' })
    const { response_format, ...rest } = SHAPES[this.#shape]!
    const granularities = 'timestamp_granularities' in rest ? [...rest.timestamp_granularities] : undefined
    return this.#client.audio.transcriptions.create(
      {
        file,
        model: this.model,
        response_format,
        ...(granularities && { timestamp_granularities: granularities }),
        // The API takes ISO 639-1: the first part of a tag such as `pt-BR`.
        ...(language && { language: language.split('-')[0]!.toLowerCase() }),
      },
      { signal },
    )
  }
}

function isRefusedShape(error: unknown): boolean {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false
  return /unsupported_value|response_format|timestamp_granularit|verbose_json/.test(
    `${error.code} ${error.param} ${error.message}`,
  )
}

/** Services differ in what they leave out or set to null: only what has the right form is taken. */
function readAnswer(answer: unknown): Heard {
  const { text, language, segments, words } = (answer ?? {}) as Record<string, unknown>
  if (typeof text !== 'string') {
    throw new StepError(
      'speech_to_text_unavailable',
      'The speech-to-text service gave an answer without a text.',
      {
        retryable: true,
      },
    )
  }
  return {
    language: languageCode(language),
    text: storable(text),
    segments: readTimed(segments, 'text'),
    words: readTimed(words, 'word'),
  }
}

function readTimed(list: unknown, key: 'text' | 'word'): HeardSegment[] {
  if (!Array.isArray(list)) return []
  return list.flatMap(entry => {
    const { start, end, [key]: text } = (entry ?? {}) as Record<string, unknown>
    const usable = typeof text === 'string' && Number.isFinite(start) && Number.isFinite(end)
    const said = usable ? storable(text) : ''
    return said === '' ? [] : [{ start: Number(start), end: Number(end), text: said }]
  })
}

/** PostgreSQL takes neither NUL nor halves of characters, and what a service sends is not ours to trust. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().trim()
}

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

/** Codes by their English names, of all two-letter codes: whisper-1 answers `english`, others `en`. */
const CODES: ReadonlyMap<string, string> = new Map(
  [...'abcdefghijklmnopqrstuvwxyz'].flatMap((first, _, letters) =>
    letters.flatMap(second => {
      const name = LANGUAGE_NAMES.of(first + second)
      return name ? [[name.toLowerCase(), first + second] as const] : []
    }),
  ),
)

function languageCode(language: unknown): string | null {
  if (typeof language !== 'string') return null
  const name = language.trim().toLowerCase()
  return CODES.get(name) ?? (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(name) ? name : null)
}

function explain(error: unknown): unknown {
  if (error instanceof StepError) return error
  // A broken answer ends in a syntax or network error of the platform, not in one of the library.
  if (
    !(error instanceof APIError) ||
    error instanceof APIConnectionError ||
    error instanceof APIUserAbortError
  ) {
    return unavailable('The connection to the speech-to-text service broke or timed out', error)
  }
  const said = `The speech-to-text service answered ${error.status}: ${storable(error.message.slice(0, 500))}`
  if (error.status === 401 || error.status === 403 || error.status === 404) {
    return new StepError(
      'speech_to_text_misconfigured',
      `${said}. Check OPENAI_API_KEY, OPENAI_BASE_URL and TRANSCRIBE_MODEL.`,
      {
        retryable: false,
        cause: error,
      },
    )
  }
  if (
    error.status &&
    error.status < 500 &&
    error.status !== 408 &&
    error.status !== 409 &&
    error.status !== 429
  ) {
    return new StepError('speech_to_text_refused', said, { retryable: false, cause: error })
  }
  const retryAfter = Number(error.headers?.get('retry-after'))
  return unavailable(said, error, retryAfter > 0 ? retryAfter : undefined)
}

function unavailable(message: string, cause: unknown, retryAfter?: number): StepError {
  return new StepError('speech_to_text_unavailable', message, {
    retryable: true,
    cause,
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
