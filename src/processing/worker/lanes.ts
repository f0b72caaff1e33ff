import { STEP_NAMES, type StepName } from '../../database/schema.ts'

/** A place for one running step of a kind. */
export class Lane {
  readonly step: StepName
  /** Whether it is kept for videos whose steps are quick, so that these do not wait until a long one is done. */
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

  /** Does some work after all that was entered before. */
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

  /** Resolves when everything that was entered has ended. */
  async end(): Promise<void> {
    await this.#last.catch(() => {})
  }
}

/**
 * Two lanes for each kind of step. Transcription has one: `TRANSCRIBE_CONCURRENCY` counts the requests of a worker, and a second step
 * would double them.
 */
export function createLanes(): Lane[] {
  return STEP_NAMES.flatMap(step => [
    new Lane(step, false),
    ...(step === 'transcribe' ? [] : [new Lane(step, true)]),
  ])
}
