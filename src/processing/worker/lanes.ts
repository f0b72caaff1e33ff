import { STEP_NAMES, type StepName } from '../../database/tables/steps.ts'

/** Runs one step of a kind at a time. */
export class Lane {
  readonly step: StepName
  /** Whether it is reserved for videos with quick steps, so that they do not wait for a long one. */
  readonly quick: boolean
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(step: StepName, quick: boolean) {
    this.step = step
    this.quick = quick
  }

  get idle(): boolean {
    return this.#waiting === 0
  }

  /** Runs the work after everything that was entered before. */
  async enter(work: () => Promise<void>): Promise<void> {
    this.#waiting++
    const own = this.#last.catch(() => {}).then(work)
    this.#last = own
    try {
      await own
    } finally {
      this.#waiting--
    }
  }

  /** Resolves when all entered work has ended. */
  async end(): Promise<void> {
    await this.#last.catch(() => {})
  }
}

/**
 * Two lanes for each kind of step. Transcription has one, because a second step would double the number of requests, which
 * `TRANSCRIBE_CONCURRENCY` limits for a worker.
 */
export function createLanes(): Lane[] {
  return STEP_NAMES.flatMap(step => [
    new Lane(step, false),
    ...(step === 'transcribe' ? [] : [new Lane(step, true)]),
  ])
}
