import type { Logger } from 'pino'
import type { Db } from '../../database/schema.ts'
import { findPause, pauseStep, resumeStep, takeLook } from '../../videos/pipeline/pauses.ts'
import type { SpeechToText } from './openai-speech.ts'
import { isMisconfigured } from './speech-refusal.ts'
import { tellPause } from './transcribe.ts'

export interface SpeechWatchParts {
  readonly db: Db
  readonly log: Logger
  readonly service: SpeechToText | undefined
  /** Whether the service is asked at the start what it can do. */
  readonly check: boolean
  /** Seconds between two looks at the row, and before the first at a service that takes no requests. */
  readonly interval: number
  /** Called when transcription goes on. */
  readonly onResume: () => void
}

/**
 * Tells at the start what the speech-to-text service can do, and ends a pause of transcription when the service takes requests again.
 * The row is the truth: of any number of workers one asks, once, and all of them go on.
 */
export class SpeechWatch {
  readonly #parts: SpeechWatchParts
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #look: Promise<void> | undefined

  constructor(parts: SpeechWatchParts) {
    this.#parts = parts
  }

  /** Returns at once: nothing that the service does or does not do holds up a start. */
  start(): void {
    this.#run(() => this.#begin())
    this.#timer = setInterval(() => this.#run(() => this.#lookAgain()), this.#parts.interval * 1000)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort(new Error('the worker is stopped'))
    await this.#look
  }

  #run(work: () => Promise<void>): void {
    this.#look ??= work()
      .catch(err => {
        if (!this.#stopping.signal.aborted)
          this.#parts.log.warn({ err }, 'looking at the speech-to-text service failed')
      })
      .finally(() => {
        this.#look = undefined
      })
  }

  async #begin(): Promise<void> {
    const { db, service, check } = this.#parts
    // Without a service there is nothing to wait for.
    if (!service) await this.#resume()
    else if (check || (await findPause(db, 'transcribe'))) await this.#ask(service, check)
  }

  async #lookAgain(): Promise<void> {
    const { db, service, interval } = this.#parts
    if (service && (await takeLook(db, 'transcribe', interval))) await this.#ask(service, false)
  }

  async #ask(service: SpeechToText, tell: boolean): Promise<void> {
    const { db, log, interval } = this.#parts
    const { signal } = this.#stopping
    try {
      const abilities = await service.check(signal)
      if (tell) log.info({ model: service.model, ...abilities }, 'the speech-to-text service answers')
    } catch (error) {
      signal.throwIfAborted()
      if (isMisconfigured(error)) {
        if (await pauseStep(db, 'transcribe', error, interval)) tellPause(log, error)
      } else if (tell) {
        log.warn(
          { error: (error as Error).message },
          'the speech-to-text service does not answer as it should',
        )
      }
      return
    }
    await this.#resume()
  }

  async #resume(): Promise<void> {
    if (!(await resumeStep(this.#parts.db, 'transcribe'))) return
    this.#parts.log.info('transcription goes on')
    this.#parts.onResume()
  }
}
