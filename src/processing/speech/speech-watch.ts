import type { Logger } from 'pino'
import { Loop } from '../../base/loop.ts'
import type { Signal } from '../../base/signal.ts'
import type { Db } from '../../database/schema.ts'
import { claimCheck, findPause, pauseStep, resumeStep, updatePause } from '../../videos/pipeline/pauses.ts'
import { isPausing, type SpeechToText, UNPREPARED } from './speech-to-text.ts'
import { logPause } from './transcribe.ts'

/** How often the progress of a preparation is stored. */
const PROGRESS_MS = 1000

export interface SpeechWatchDeps {
  readonly db: Db
  readonly log: Logger
  readonly engine: SpeechToText | undefined
  /** Whether the engine is tested at the start. */
  readonly check: boolean
  /** Seconds between two readings of the pause's row, and before the first test of an engine that does not work. */
  readonly intervalS: number
  readonly signal: Signal
}

/**
 * Logs at the start what the speech-to-text engine can do, and ends a pause of transcription when the engine works again.
 * The pause is a row: one of all workers tests the engine, and all of them resume.
 */
export class SpeechWatch {
  readonly #deps: SpeechWatchDeps
  readonly #loop: Loop
  #hasBegun = false

  constructor(deps: SpeechWatchDeps) {
    this.#deps = deps
    this.#loop = new Loop(stopping => this.#turn(stopping), {
      intervalMs: deps.intervalS * 1000,
      log: deps.log,
      failed: 'checking the speech-to-text service failed',
    })
  }

  /** Returns at once: a slow engine does not delay the start. */
  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop(new Error('the worker is stopped'))
  }

  async #turn(stopping: AbortSignal): Promise<void> {
    if (this.#hasBegun) return this.#checkIfDue(stopping)
    await this.#begin(stopping)
    this.#hasBegun = true
  }

  async #begin(stopping: AbortSignal): Promise<void> {
    const { db, engine, check } = this.#deps
    // Without an engine, there is nothing to wait for.
    if (!engine) await this.#resume()
    else if (check || (await findPause(db, 'transcribe'))) await this.#check(engine, check, stopping)
  }

  async #checkIfDue(stopping: AbortSignal): Promise<void> {
    const { db, engine, intervalS } = this.#deps
    if (engine && (await claimCheck(db, 'transcribe', intervalS))) await this.#check(engine, false, stopping)
  }

  async #check(engine: SpeechToText, report: boolean, signal: AbortSignal): Promise<void> {
    const { db, log, intervalS } = this.#deps
    try {
      const options = await engine.check(signal, this.#progressWriter())
      if (report) log.info({ model: engine.model, ...options }, 'the speech-to-text service works')
    } catch (error) {
      signal.throwIfAborted()
      if (isPausing(error)) {
        const isNews =
          (await pauseStep(db, 'transcribe', error, intervalS)) ||
          (await updatePause(db, 'transcribe', error))
        if (isNews) logPause(log, error)
      } else if (report) {
        log.warn({ error: (error as Error).message }, 'the speech-to-text service does not work')
      }
      return
    }
    await this.#resume()
  }

  /** Writes the progress of a preparation into the pause and into the log, at most once a second. */
  #progressWriter(): (sentence: string) => void {
    const { db, log } = this.#deps
    let writtenMs = Number.NEGATIVE_INFINITY
    return message => {
      if (performance.now() < writtenMs + PROGRESS_MS) return
      writtenMs = performance.now()
      log.info(message)
      void updatePause(db, 'transcribe', { code: UNPREPARED, message }).catch(() => {})
    }
  }

  async #resume(): Promise<void> {
    if (!(await resumeStep(this.#deps.db, 'transcribe'))) return
    this.#deps.log.info('transcription resumes')
    this.#deps.signal.emit('steps')
  }
}
