import { v7 as uuid } from 'uuid'
import { Loop } from '../../base/loop.ts'
import { STEP_NAMES, type StepName } from '../../database/tables/steps.ts'
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
 * Runs due steps, each kind in its own lanes. An event is only a hint that a step of some kind is due: the claim decides which step runs. A
 * regular sweep over the rows finds the steps that no event announced, for example after a lost event, a back-off or a retry.
 */
export class Worker {
  readonly #deps: WorkerDeps
  /** Identifies this process in the rows. */
  readonly #id = uuid()
  readonly #stopping = new AbortController()
  readonly #lanes = createLanes()
  /** Number of suspects that run or are being claimed here: steps that may have crashed a worker. At most one. */
  #suspects = 0
  /** Lanes that must look for due steps again before they become idle. */
  readonly #wanted = new Set<Lane>()
  #consumers: Consumer[] = []
  readonly #loop: Loop

  constructor(deps: WorkerDeps) {
    this.#deps = deps
    this.#loop = new Loop(() => this.#sweep(), {
      intervalMs: deps.sweepIntervalS * 1000,
      jitter: 0.1,
      log: deps.log,
      failed: 'the sweep for due steps failed',
    })
  }

  start(): void {
    const { queue } = this.#deps
    this.#consumers = STEP_NAMES.map(step =>
      queue.consume(step, PIPELINE[step].trigger, delivery => this.#onEvent(step, delivery)),
    )
    this.#loop.start()
  }

  /** Starts steps that became due without an event, without waiting for the next sweep. */
  wake(): void {
    this.#fillLanes()
  }

  /** Ends the running steps and releases them, so that another worker can start them at once. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the worker is stopped'))
    const sweeping = this.#loop.stop()
    await Promise.all(this.#consumers.map(consumer => consumer.stop()))
    await Promise.all(this.#lanes.map(lane => lane.end()))
    await sweeping
  }

  async #sweep(): Promise<void> {
    const { db, workDirectory } = this.#deps
    this.#fillLanes()
    await recoverLost(db)
    await reviveGivenUp(db)
    this.#fillLanes()
    await removeAbandonedDirectories(db, workDirectory)
    await removeLeftSandboxes()
  }

  #fillLanes(step?: StepName): void {
    for (const lane of this.#lanes) {
      if ((step ?? lane.step) !== lane.step) continue
      this.#wanted.add(lane)
      this.#startLane(lane)
    }
  }

  #startLane(lane: Lane): void {
    if (!lane.idle || !this.#wanted.has(lane)) return
    const drained = lane.enter(() => this.#drain(lane)).catch(() => {})
    // A step can become due after the last claim, before the lane is idle.
    void drained.then(() => this.#startLane(lane))
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
      while (this.#wanted.delete(lane)) {
        while (await this.#runOne(lane)) {
          // Until nothing of this kind is due.
        }
      }
    } catch (err) {
      this.#deps.log.error({ err, step: lane.step }, 'claiming due steps failed')
    }
  }

  /** @returns whether a step was due. */
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
        onWorking: () => delivery?.working(),
      }).run()
    } finally {
      if (lease.suspect) this.#suspects--
    }
    return true
  }
}
