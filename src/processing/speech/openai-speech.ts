import { openAsBlob } from 'node:fs'
import { extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI, { APIError } from 'openai'
import { Agent } from 'undici'
import { StepError } from '../../base/errors.ts'
import type { SpeechToTextConfig } from '../../config/config.ts'
import { SPEECH_BYTES_PER_S } from '../media/speech-mix.ts'
import { languageField } from './languages.ts'
import { quietTone } from './quiet-tone.ts'
import { readAnswer } from './speech-answer.ts'
import { type SpeechModel, speechModel } from './speech-models.ts'
import { connectionLost, explainRefusal, isRefusedForm, type Refusal } from './speech-refusal.ts'
import type { SpeechCall, SpeechOptions, SpeechResult, SpeechToText } from './speech-to-text.ts'

/** Retries within one call, for faults that pass in seconds. */
const MAX_RETRIES = 2
/** A service that asks for a longer wait than this ends the call; the step's next attempt waits for it. */
const MAX_WAIT_S = 60
/** A quarter of an hour of words with times takes less than a hundredth of this. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20
/** The request's other fields, and what an encoder adds at both ends of the audio. */
const FORM_BYTES = 16_384

/** Advice for the case that the service refuses every request. */
const SETTINGS = 'OPENAI_API_KEY, OPENAI_BASE_URL and TRANSCRIBE_MODEL'

/**
 * Speech-to-text by a server with OpenAI's transcription API (https://platform.openai.com/docs/api-reference/audio).
 * The only file that imports the client library.
 */
export class OpenAiSpeech implements SpeechToText {
  readonly model: string
  readonly identity: string
  readonly concurrency: number
  readonly maxSeconds: number
  readonly audioFormat = 'mp3'
  readonly detectsPerFile = false
  readonly callTimeoutS: number
  readonly #config: SpeechToTextConfig
  readonly #settings: string
  readonly #limits: SpeechModel
  readonly #client: OpenAI
  /** Index of the form of answer that is asked for. It only grows: a form that was refused once is not tried again. */
  #form = 0

  /** @param settings names the settings to check, in the message of a failure that they may cause. */
  constructor(config: SpeechToTextConfig, settings = SETTINGS) {
    this.model = config.model
    this.concurrency = config.concurrency
    this.callTimeoutS = (MAX_RETRIES + 1) * (config.timeout + 2 * MAX_WAIT_S)
    this.#config = config
    this.#settings = settings
    this.#limits = speechModel(config.model)
    this.maxSeconds = maxSecondsOf(config, this.#limits)
    const timeoutMs = config.timeout * 1000
    this.#client = new OpenAI({
      apiKey: config.apiKey,
      baseURL: config.baseUrl ?? null,
      timeout: timeoutMs,
      maxRetries: 0,
      logLevel: 'off',
      // Node's own fetch gives up after five minutes; a machine without a GPU may need longer for a chunk.
      fetchOptions: {
        dispatcher: new Agent({
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          maxResponseSize: MAX_ANSWER_BYTES,
          ...(config.socketPath !== undefined && { connect: { socketPath: config.socketPath } }),
        }),
      },
    })
    this.identity = JSON.stringify([this.#client.baseURL, this.model])
  }

  get options(): SpeechOptions {
    const { response_format, timestamp_granularities = [] } = this.#limits.forms[this.#form]!
    return { response_format, timestamp_granularities }
  }

  /** Nothing is known before the first request. */
  async unready(): Promise<undefined> {}

  async transcribe(path: string, language: string | null, call: SpeechCall): Promise<SpeechResult> {
    const extension = extname(path)
    const type = extension === '.wav' ? 'audio/wav' : 'audio/mpeg'
    const file = async () => new File([await openAsBlob(path)], `audio${extension}`, { type })
    return this.#request(file, language, call, MAX_RETRIES)
  }

  /** Sends a second of a quiet tone. */
  async check(signal: AbortSignal): Promise<SpeechOptions> {
    await this.#request(async () => quietTone(), null, { signal }, 0)
    return this.options
  }

  async stop(): Promise<void> {}

  async #request(
    file: () => Promise<File>,
    language: string | null,
    { signal, onSent }: SpeechCall,
    maxRetries: number,
  ): Promise<SpeechResult> {
    for (let retry = 0; ; ) {
      signal.throwIfAborted()
      const form = this.#form
      try {
        const answer = await this.#send(await file(), form, language, signal)
        onSent?.()
        return readAnswer(answer)
      } catch (error) {
        const refusal = refusalOf(error)
        // A broken connection does not prove that the service did not do the work, and charge for it.
        if (!refusal && !(error instanceof StepError)) onSent?.()
        signal.throwIfAborted()
        if (refusal && isRefusedForm(refusal) && form < this.#limits.forms.length - 1) {
          // Of several requests that are refused at the same time, only the first steps down.
          this.#form = Math.max(this.#form, form + 1)
          continue
        }
        const failure = this.#explain(error, refusal)
        const waitS = failure.retryAfter ?? 2 ** retry / 2
        const isFinal = !failure.retryable || error instanceof StepError || waitS > MAX_WAIT_S
        if (isFinal || retry++ >= maxRetries) throw failure
        // Random, so that not all workers return at once; never earlier than the service asked for.
        const jitter = failure.retryAfter === undefined ? -0.5 : 0.25
        await delay(1000 * waitS * (1 + jitter * Math.random()), undefined, { signal }).catch(() => {})
      }
    }
  }

  #explain(error: unknown, refusal: Refusal | undefined): StepError {
    if (error instanceof StepError) return error
    if (!refusal) return connectionLost(error)
    return explainRefusal(refusal, { apiKey: this.#config.apiKey, settings: this.#settings }, error)
  }

  async #send(file: File, form: number, language: string | null, signal: AbortSignal): Promise<unknown> {
    const { response_format, timestamp_granularities, chunking_strategy } = this.#limits.forms[form]!
    // The library's own limit covers the headers only; this one covers the body too.
    const limit = AbortSignal.timeout(this.#config.timeout * 1000)
    return this.#client.audio.transcriptions.create(
      {
        file,
        model: this.model,
        response_format,
        ...(timestamp_granularities && { timestamp_granularities: [...timestamp_granularities] }),
        ...(chunking_strategy && { chunking_strategy }),
        ...(language && { language: languageField(language) }),
      },
      { signal: AbortSignal.any([signal, limit]) },
    )
  }
}

function maxSecondsOf(config: SpeechToTextConfig, limits: SpeechModel): number {
  const { maxSeconds = limits.maxSeconds, maxBytes = limits.maxBytes } = config
  const audioBytes = Math.max(maxBytes - FORM_BYTES, maxBytes / 2)
  return Math.max(1, Math.min(maxSeconds, audioBytes / SPEECH_BYTES_PER_S))
}

/** @returns undefined for a broken answer: it ends in an error of the platform, or one of the library's without a status. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof APIError) || error.status === undefined) return undefined
  const { status, code, param, message, headers } = error
  return { status, code, param, message, retryAfter: headers?.get('retry-after') ?? null }
}
