import { openAsBlob } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import OpenAI, { APIError } from 'openai'
import { Agent } from 'undici'
import { StepError } from '../../base/errors.ts'
import type { SpeechToTextConfig } from '../../config/config.ts'
import type { TranscriptOptions } from '../../database/schema.ts'
import { languageField } from './languages.ts'
import { quietTone } from './quiet-tone.ts'
import { type Heard, readAnswer } from './speech-answer.ts'
import { type SpeechModel, speechModel } from './speech-models.ts'
import { brokenOff, explainRefusal, isRefusedForm, type Refusal } from './speech-refusal.ts'

/** Requests that are made again within one call, for faults that pass in seconds. */
const RETRIES = 2
/** The longest wait before one of them, in seconds; who is told to wait for longer gives up for now. */
const LONGEST_WAIT = 60
/** Bytes of an answer: a quarter of an hour in words with times has not a hundredth of it. */
const LARGEST_ANSWER = 64 * 2 ** 20

export interface Listening {
  readonly signal: AbortSignal
  /** Called for every request whose audio was sent and not refused: for those that were answered, and those that broke off. */
  readonly onSent?: () => void
}

/** A speech-to-text service that speaks OpenAI's transcription API. The only place that calls one. */
export class SpeechToText {
  readonly model: string
  /** Where it is, for telling one from another. */
  readonly address: string
  /** Requests at a time. */
  readonly concurrency: number
  /** Seconds that one call takes at most, all its attempts together. */
  readonly patience: number
  readonly #config: SpeechToTextConfig
  readonly #limits: SpeechModel
  readonly #client: OpenAI
  #form = 0

  constructor(config: SpeechToTextConfig) {
    this.model = config.model
    this.concurrency = config.concurrency
    this.patience = (RETRIES + 1) * (config.timeout + 2 * LONGEST_WAIT)
    this.#config = config
    this.#limits = speechModel(config.model)
    const milliseconds = config.timeout * 1000
    this.#client = new OpenAI({
      apiKey: config.apiKey,
      baseURL: config.baseUrl ?? null,
      timeout: milliseconds,
      maxRetries: 0,
      logLevel: 'off',
      // Node's own fetch gives up after five minutes, and a machine without a GPU may take longer for a piece.
      fetchOptions: {
        dispatcher: new Agent({
          headersTimeout: milliseconds,
          bodyTimeout: milliseconds,
          maxResponseSize: LARGEST_ANSWER,
        }),
      },
    })
    this.address = this.#client.baseURL
  }

  /** How this service is asked, as far as is known by now. */
  get options(): Omit<TranscriptOptions, 'language'> {
    const { response_format, timestamp_granularities = [] } = this.#limits.forms[this.#form]!
    return { response_format, timestamp_granularities }
  }

  /** Seconds of audio that one request takes. @param rate bytes in a second of it. */
  maxSeconds(rate: number): number {
    const { maxSeconds = this.#limits.maxSeconds, maxBytes = this.#limits.maxBytes } = this.#config
    // The form's other fields, and what encoders add at both ends.
    const room = Math.max(maxBytes - 16_384, maxBytes / 2)
    return Math.max(1, Math.min(maxSeconds, room / rate))
  }

  /**
   * Sends an MP3 file.
   * @param language as a BCP 47 tag, or null to let the service find out.
   * @throws StepError; the signal's reason where that ended it.
   */
  async transcribe(path: string, language: string | null, listening: Listening): Promise<Heard> {
    const file = async () => new File([await openAsBlob(path)], 'audio.mp3', { type: 'audio/mpeg' })
    return this.#hear(file, language, listening, RETRIES)
  }

  /**
   * Asks once, with a second of a tone of its own, whether the service takes requests. @returns what it can do.
   * @throws StepError; the signal's reason where that ended it.
   */
  async check(signal: AbortSignal): Promise<Omit<TranscriptOptions, 'language'>> {
    await this.#hear(async () => quietTone(), null, { signal }, 0)
    return this.options
  }

  async #hear(
    file: () => Promise<File>,
    language: string | null,
    { signal, onSent }: Listening,
    retries: number,
  ): Promise<Heard> {
    for (let retry = 0; ; ) {
      signal.throwIfAborted()
      const form = this.#form
      try {
        const answer = await this.#ask(await file(), form, language, signal)
        onSent?.()
        return readAnswer(answer)
      } catch (error) {
        const refusal = refusalOf(error)
        // What broke off may have been heard, and charged for, all the same.
        if (!refusal && !(error instanceof StepError)) onSent?.()
        signal.throwIfAborted()
        if (refusal && isRefusedForm(refusal) && form < this.#limits.forms.length - 1) {
          // Of several that were refused at once, the first steps down.
          this.#form = Math.max(this.#form, form + 1)
          continue
        }
        const failure = this.#explain(error, refusal)
        const wait = failure.retryAfter ?? 2 ** retry / 2
        const hopeless = !failure.retryable || error instanceof StepError || wait > LONGEST_WAIT
        if (hopeless || retry++ >= retries) throw failure
        // Not all at once, and never before they are asked to.
        const spread = failure.retryAfter === undefined ? -0.5 : 0.25
        await pause(1000 * wait * (1 + spread * Math.random()), undefined, { signal }).catch(() => {})
      }
    }
  }

  #explain(error: unknown, refusal: Refusal | undefined): StepError {
    if (error instanceof StepError) return error
    return refusal ? explainRefusal(refusal, this.#config.apiKey, error) : brokenOff(error)
  }

  async #ask(file: File, form: number, language: string | null, signal: AbortSignal): Promise<unknown> {
    const { response_format, timestamp_granularities, chunking_strategy } = this.#limits.forms[form]!
    // The library's own limit ends with the headers; this one holds for the body too.
    const limit = AbortSignal.timeout(this.#config.timeout * 1000)
    return this.#client.audio.transcriptions.create(
      {
        file,
        model: this.model,
        response_format,
        ...(timestamp_granularities && { timestamp_granularities: [...timestamp_granularities] }),
        ...(chunking_strategy && { chunking_strategy }),
        // The API takes ISO 639-1: the first part of a tag such as `pt-BR`.
        ...(language && { language: languageField(language) }),
      },
      { signal: AbortSignal.any([signal, limit]) },
    )
  }
}

/** A broken answer ends in a syntax or network error of the platform, or one of the library's without a status. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof APIError) || error.status === undefined) return undefined
  const { status, code, param, message, headers } = error
  return { status, code, param, message, retryAfter: headers?.get('retry-after') ?? null }
}
