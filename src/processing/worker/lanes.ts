import { STEP_NAMES, type StepName } from '../../database/tables/steps.ts'

/** Runs steps of one kind, one after the other. */
export class Lane {
  readonly step: StepName
  /** Whether it takes only quick steps, which would otherwise wait for a long one. */
  readonly quick: boolean
  #tail: Promise<void> = Promise.resolve()
  #entered = 0

  constructor(step: StepName, quick: boolean) {
    this.step = step
    this.quick = quick
  }

  get idle(): boolean {
    return this.#entered === 0
  }

  /** Runs the work when all earlier work has ended. */
  async enter(work: () => Promise<void>): Promise<void> {
    this.#entered++
    const own = this.#tail.catch(() => {}).then(work)
    this.#tail = own
    try {
      await own
    } finally {
      this.#entered--
    }
  }

  /** Resolves when all work has ended. */
  async end(): Promise<void> {
    await this.#tail.catch(() => {})
  }
}

/**
 * Two lanes for each kind of step. Transcription has one, because two steps would send twice the requests that `TRANSCRIBE_CONCURRENCY` allows.
 */
export function createLanes(): Lane[] {
  return STEP_NAMES.flatMap(step => [
    new Lane(step, false),
    ...(step === 'transcribe' ? [] : [new Lane(step, true)]),
  ])
}
