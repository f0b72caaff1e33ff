import { request } from 'node:http'
import type { Logger } from 'pino'
import { StepError } from '../../../base/errors.ts'
import type { TickReader } from '../../programs/throttle.ts'
import { ModelMissingError, type ModelStore } from '../model/model-store.ts'
import type { PreparedModel } from '../model/prepared-model.ts'
import { OpenAiSpeech } from '../openai-speech.ts'
import {
  type SpeechCall,
  type SpeechOptions,
  type SpeechResult,
  type SpeechToText,
  UNPREPARED,
} from '../speech-to-text.ts'
import { EngineError, EngineProcess } from './engine-process.ts'

export interface BuiltinSpeechOptions {
  readonly store: ModelStore
  /** The model's name, as people and transcripts see it. */
  readonly name: string
  readonly log: Logger
  /** Memory above which the engine is restarted after a request. */
  readonly maxMemoryBytes?: number
  /** Time without a request after which the engine ends. */
  readonly idleMs?: number
  /** Tells when the engine has to pause, because others need the processors. */
  readonly readTicks?: TickReader
}

/** About twice what a model needs. ONNX Runtime never frees memory. */
const MAX_MEMORY_BYTES = 1.5 * 2 ** 30
const IDLE_MS = 60_000

const MISSING = 'The speech model is not on this machine yet. Longtake prepares it now.'

/** The time limit of one request. A chunk takes four seconds, and two minutes if others keep all processors busy. */
const TIMEOUT_S = 1200
/** Whisper processes 30 s at a time, of which sherpa-onnx leaves half a second empty. */
const MAX_CHUNK_S = 28
const MIN_CHUNK_S = 20

/** Speech-to-text on this machine, without an account. */
export class BuiltinSpeech implements SpeechToText {
  readonly audioFormat = 'wav'
  readonly detectsPerFile = true
  readonly minSeconds = MIN_CHUNK_S
  readonly maxSeconds = MAX_CHUNK_S
  /** The engine transcribes one file at a time. */
  readonly concurrency = 1
  readonly #options: BuiltinSpeechOptions
  readonly #engine: EngineProcess
  readonly #client: OpenAiSpeech
  #model: PreparedModel | undefined
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: BuiltinSpeechOptions) {
    this.#options = options
    this.#engine = new EngineProcess(options.readTicks)
    this.#client = new OpenAiSpeech({
      apiKey: this.#engine.key,
      baseUrl: 'http://localhost/v1',
      socketPath: this.#engine.socketPath,
      model: options.store.name,
      maxSeconds: MAX_CHUNK_S,
      maxBytes: undefined,
      concurrency: 1,
      check: false,
      timeout: TIMEOUT_S,
    })
  }

  get model(): string {
    return this.#options.name
  }

  /** Differs between models, and between versions of the conversion. */
  get identity(): string {
    return `builtin:${this.#model?.source}:${this.#model?.format}`
  }

  get callTimeoutS(): number {
    return this.#client.callTimeoutS
  }

  get options(): SpeechOptions {
    return this.#client.options
  }

  async unready(): Promise<StepError | undefined> {
    this.#model ??= await this.#options.store.find().catch(() => undefined)
    return this.#model ? undefined : unprepared(MISSING)
  }

  /**
   * Downloads and converts the model if it is missing, and starts the engine. If the engine were not started here, an engine that cannot
   * start would end the pause of transcription, and begin it again, at every check. @throws StepError that says what is missing.
   */
  async check(
    signal: AbortSignal,
    onProgress: (sentence: string) => void = () => {},
  ): Promise<SpeechOptions> {
    try {
      this.#model ??= await this.#options.store.prepare({ signal, onProgress })
    } catch (error) {
      signal.throwIfAborted()
      const isKnown = error instanceof ModelMissingError
      throw unprepared(
        isKnown ? error.message : `The speech model cannot be prepared: ${(error as Error).message}`,
      )
    }
    return this.#inTurn(signal, async () => this.options)
  }

  async transcribe(path: string, language: string | null, call: SpeechCall): Promise<SpeechResult> {
    return this.#inTurn(call.signal, () => this.#client.transcribe(path, language, call))
  }

  /** Ends the engine, even in the middle of a request. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#idle)
    await this.#engine.stop()
    this.#engine.remove()
  }

  /** Runs `work` with a started engine, after all earlier work. */
  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#withEngine(signal, work))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #withEngine<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    clearTimeout(this.#idle)
    // The result is no longer needed.
    const abort = () => void this.#engine.stop()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await this.#ensureEngine(signal)
      return await work()
    } finally {
      signal.removeEventListener('abort', abort)
      await this.#scheduleEnd()
    }
  }

  async #ensureEngine(signal: AbortSignal): Promise<void> {
    if (this.#stopped) throw new Error('the worker is stopped')
    if (!this.#model) throw unprepared(MISSING)
    try {
      const start = await this.#engine.ensure(this.#model.directory)
      if (start?.fault !== undefined)
        this.#options.log.warn({ ...start }, 'speech-to-text is slow: its native library does not load')
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof EngineError)) throw error
      // The model may have been damaged meanwhile: the next check reads it again.
      this.#model = undefined
      throw unprepared(error.message)
    }
  }

  async #scheduleEnd(): Promise<void> {
    const { maxMemoryBytes = MAX_MEMORY_BYTES, idleMs = IDLE_MS, log } = this.#options
    const rss = await this.#memory().catch(() => 0)
    if (rss > maxMemoryBytes) {
      log.info({ rss, maxMemoryBytes }, 'the speech engine uses too much memory and is restarted')
      await this.#engine.stop()
    }
    if (!this.#stopped) this.#idle = setTimeout(() => void this.#engine.stop(), idleMs).unref()
  }

  /** Bytes of memory that the engine uses. */
  async #memory(): Promise<number> {
    const { socketPath, key } = this.#engine
    return new Promise((resolve, reject) => {
      const options = {
        socketPath,
        path: '/memory',
        headers: { authorization: `Bearer ${key}` },
        timeout: 5000,
      }
      request(options, async response => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(Number(JSON.parse(text).rss))
      })
        .on('error', reject)
        .on('timeout', () => reject(new Error('no answer')))
        .end()
    })
  }
}

function unprepared(message: string): StepError {
  return new StepError(UNPREPARED, message, { retryable: false })
}
