import { request } from 'node:http'
import type { Logger } from 'pino'
import type { TranscriptOptions } from '../../database/schema.ts'
import { StepError } from '../../errors.ts'
import type { Heard } from '../speech-answer.ts'
import { UNPREPARED } from '../speech-refusal.ts'
import type { Listening, SpeechService } from '../speech-service.ts'
import { SpeechToText } from '../speech-to-text.ts'
import { EngineError, EngineProcess } from './engine-process.ts'
import { ModelMissingError, type ModelStore, type PreparedModel } from './model-store.ts'

export interface BuiltinSpeechOptions {
  readonly store: ModelStore
  /** For people and transcripts. */
  readonly name: string
  readonly log: Logger
  /** Bytes of memory above which the engine is started anew: ONNX Runtime gives nothing back. */
  readonly memoryLimit: number
  /** Seconds without a request after which the engine ends. */
  readonly idle: number
}

/** Seconds that one request may take: thirty seconds of audio take five, on a busy machine thirty. */
const TIMEOUT_S = 600
/** Whisper hears 30 s at a time, and sherpa-onnx leaves half a second of that empty. */
const LONGEST_CHUNK_S = 28
const SHORTEST_CHUNK_S = 20

/** Speech-to-text on this machine, without an account. */
export class BuiltinSpeech implements SpeechService {
  readonly format = 'wav'
  readonly guessesEach = true
  readonly minSeconds = SHORTEST_CHUNK_S
  /** The engine hears one after the other. */
  readonly concurrency = 1
  readonly #options: BuiltinSpeechOptions
  readonly #engine = new EngineProcess()
  readonly #client: SpeechToText
  #model: PreparedModel | undefined
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: BuiltinSpeechOptions) {
    this.#options = options
    this.#client = new SpeechToText({
      apiKey: this.#engine.key,
      baseUrl: 'http://localhost/v1',
      socketPath: this.#engine.socketPath,
      model: options.store.name,
      maxSeconds: LONGEST_CHUNK_S,
      maxBytes: undefined,
      concurrency: 1,
      check: false,
      timeout: TIMEOUT_S,
    })
  }

  get model(): string {
    return this.#options.name
  }

  /** Tells results of one model and conversion from those of another. */
  get address(): string {
    return `builtin:${this.#model?.source}:${this.#model?.format}`
  }

  get patience(): number {
    return this.#client.patience
  }

  get options(): Omit<TranscriptOptions, 'language'> {
    return this.#client.options
  }

  maxSeconds(): number {
    return LONGEST_CHUNK_S
  }

  async unready(): Promise<StepError | undefined> {
    this.#model ??= await this.#options.store.find().catch(() => undefined)
    return this.#model ? undefined : unprepared('The speech model has not been fetched yet.')
  }

  /** Fetches and converts the model, unless it is there. @throws StepError that says why it is not there. */
  async check(signal: AbortSignal, onProgress: (sentence: string) => void = () => {}) {
    try {
      this.#model ??= await this.#options.store.prepare({ signal, onProgress })
    } catch (error) {
      signal.throwIfAborted()
      const isKnown = error instanceof ModelMissingError
      throw unprepared(
        isKnown ? error.message : `The speech model cannot be prepared: ${(error as Error).message}`,
      )
    }
    return this.options
  }

  async transcribe(path: string, language: string | null, listening: Listening): Promise<Heard> {
    const turn = this.#last.then(() => this.#transcribe(path, language, listening))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Ends the engine, whatever it does. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#idle)
    await this.#engine.stop()
    this.#engine.remove()
  }

  async #transcribe(path: string, language: string | null, listening: Listening): Promise<Heard> {
    listening.signal.throwIfAborted()
    clearTimeout(this.#idle)
    await this.#ensure()
    // What is given up is not heard to its end.
    const abort = () => void this.#engine.stop()
    listening.signal.addEventListener('abort', abort, { once: true })
    try {
      return await this.#client.transcribe(path, language, listening)
    } finally {
      listening.signal.removeEventListener('abort', abort)
      await this.#tidy()
    }
  }

  async #ensure(): Promise<void> {
    if (this.#stopped) throw new Error('the worker is stopped')
    if (!this.#model) throw unprepared('The speech model has not been fetched yet.')
    try {
      await this.#engine.ensure(this.#model.directory)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      // The model may have been damaged since: the next check looks at it again.
      this.#model = undefined
      throw unprepared(error.message)
    }
  }

  async #tidy(): Promise<void> {
    const { memoryLimit, idle, log } = this.#options
    const rss = await this.#memory().catch(() => 0)
    if (rss > memoryLimit) {
      log.info({ rss, memoryLimit }, 'the speech engine is started anew: it holds too much memory')
      await this.#engine.stop()
    }
    if (!this.#stopped) this.#idle = setTimeout(() => void this.#engine.stop(), idle * 1000).unref()
  }

  /** Bytes that the engine holds. */
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
