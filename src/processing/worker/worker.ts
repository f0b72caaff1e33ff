import { v7 as uuid } from 'uuid'
import { STEP_NAMES, type StepName } from '../../database/schema.ts'
import type { Consumer, Delivery } from '../../messaging/queue.ts'
import { claimStep, type Lease } from '../../videos/pipeline/leases.ts'
import { recoverLost, reviveGivenUp } from '../../videos/pipeline/losses.ts'
import { PIPELINE } from '../../videos/pipeline/pipeline.ts'
import { removeLeftSandboxes } from '../programs/sandbox-directories.ts'
import { removeAbandonedDirectories } from './abandoned-directories.ts'
import { Attempt } from './attempt.ts'
import { createLanes, type Lane } from './lanes.ts'
import type { WorkerDeps } from './worker-deps.ts'

/**
 * Runs the steps that are due, each kind in lanes of its own. An event is a hint that there is work of a kind; the claim decides which step
 * that is. The rows also tell of work that no event told of (lost, not yet sent, back-off over, retried by a person).
 */
export class Worker {
  readonly #deps: WorkerDeps
  /** Names this process in the rows. */
  readonly #id = uuid()
  readonly #stopping = new AbortController()
  readonly #lanes = createLanes()
  /** Steps that run here, or are being claimed, and that may be the cause that workers are lost: one at most. */
  #suspects = 0
  #consumers: Consumer[] = []
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined

  constructor(deps: WorkerDeps) {
    this.#deps = deps
  }

  start(): void {
    const { queue, sweepInterval } = this.#deps
    this.#consumers = STEP_NAMES.map(step =>
      queue.consume(step, PIPELINE[step].trigger, delivery => this.#onEvent(step, delivery)),
    )
    this.sweep()
    this.#timer = setInterval(() => this.sweep(), sweepInterval * 1000)
  }

  /** Looks into the rows for work. */
  sweep(): void {
    this.#fillLanes()
    this.#sweeping ??= this.#tidy()
      .catch(err => this.#deps.log.warn({ err }, 'looking for lost work failed'))
      .finally(() => {
        this.#sweeping = undefined
      })
  }

  /** Ends what runs and gives it back, so that another worker can begin it at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort(new Error('the worker is stopped'))
    await Promise.all(this.#consumers.map(consumer => consumer.stop()))
    await Promise.all(this.#lanes.map(lane => lane.end()))
    await this.#sweeping
  }

  async #tidy(): Promise<void> {
    const { db, workDirectory } = this.#deps
    await recoverLost(db)
    await reviveGivenUp(db)
    this.#fillLanes()
    await removeAbandonedDirectories(db, workDirectory)
    await removeLeftSandboxes()
  }

  #fillLanes(step?: StepName): void {
    for (const lane of this.#lanes) {
      if (lane.idle && (step ?? lane.step) === lane.step)
        void lane.enter(() => this.#drain(lane)).catch(() => {})
    }
  }

  async #onEvent(step: StepName, delivery: Delivery): Promise<void> {
    const [lane, quick] = this.#lanes.filter(candidate => candidate.step === step)
    let done = false
    if (!lane!.idle && quick?.idle) {
      await quick.enter(async () => {
        done = await this.#runOne(quick, delivery)
      })
    }
    if (!done) await lane!.enter(async () => void (await this.#runOne(lane!, delivery)))
    this.#fillLanes(step)
  }

  async #drain(lane: Lane): Promise<void> {
    try {
      while (await this.#runOne(lane)) {
        // Until nothing of this kind is due.
      }
    } catch (err) {
      this.#deps.log.error({ err, step: lane.step }, 'looking for work failed')
    }
  }

  /** @returns whether there was something to run. */
  async #runOne({ step, quick }: Lane, delivery?: Delivery): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false
    const { db, log } = this.#deps
    const suspects = this.#suspects === 0
    if (suspects) this.#suspects++
    let lease: Lease | undefined
    try {
      lease = await claimStep(db, step, { worker: this.#id, suspects, quick })
    } finally {
      if (suspects && !lease?.suspect) this.#suspects--
    }
    if (!lease) return false
    try {
      await new Attempt(this.#deps, lease, {
        stopping: this.#stopping.signal,
        log: log.child({
          step,
          video_id: lease.videoId,
          attempt: lease.attempt,
          ...(delivery && { event_id: delivery.event.id }),
        }),
        onSignOfLife: () => delivery?.working(),
      }).run()
    } finally {
      if (lease.suspect) this.#suspects--
    }
    return true
  }
}
