import { STEP_NAMES, type StepName } from '../database/schema.ts'
import type { Consumer, Delivery } from '../messaging/queue.ts'
import { claimStep } from '../videos/leases.ts'
import { PIPELINE } from '../videos/pipeline.ts'
import { removeAbandonedDirectories } from './abandoned-directories.ts'
import { Attempt } from './attempt.ts'
import type { WorkerParts } from './worker-parts.ts'

/**
 * Runs the steps that are due, one of each kind at a time. Events tell it where to look at once; what they do not tell it
 * (lost, not yet sent, back-off over, retried by a person) it finds in the rows.
 */
export class Worker {
  readonly #parts: WorkerParts
  readonly #stopping = new AbortController()
  readonly #lanes = new Map<StepName, Promise<void>>()
  #consumers: Consumer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(parts: WorkerParts) {
    this.#parts = parts
  }

  start(): void {
    const { queue, sweepInterval } = this.#parts
    this.#consumers = STEP_NAMES.map(step =>
      queue.consume(step, PIPELINE[step].trigger, delivery => this.#onEvent(step, delivery)),
    )
    this.sweep()
    this.#timer = setInterval(() => this.sweep(), sweepInterval * 1000)
  }

  /** Looks into the rows for work. */
  sweep(): void {
    for (const step of STEP_NAMES) {
      if (!this.#lanes.has(step)) void this.#enterLane(step, () => this.#drain(step)).catch(() => {})
    }
    const { db, workDirectory, log } = this.#parts
    removeAbandonedDirectories(db, workDirectory).catch(err =>
      log.warn({ err }, 'cleaning up work directories failed'),
    )
  }

  /** Ends what runs and gives it back, so that another worker can begin it at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort(new Error('the worker is stopped'))
    await Promise.all(this.#consumers.map(consumer => consumer.stop()))
    await Promise.allSettled(this.#lanes.values())
  }

  async #onEvent(step: StepName, delivery: Delivery): Promise<void> {
    await this.#enterLane(step, async () => {
      await this.#runOne(step, delivery.event.video_id, delivery)
    })
  }

  /** Steps of one kind follow each other; ffmpeg and a speech-to-text service are busy with one. */
  async #enterLane(step: StepName, work: () => Promise<void>): Promise<void> {
    const before = this.#lanes.get(step) ?? Promise.resolve()
    const own = before.catch(() => {}).then(work)
    this.#lanes.set(step, own)
    try {
      await own
    } finally {
      if (this.#lanes.get(step) === own) this.#lanes.delete(step)
    }
  }

  async #drain(step: StepName): Promise<void> {
    try {
      while (await this.#runOne(step)) {
        // Until nothing of this kind is due.
      }
    } catch (err) {
      this.#parts.log.error({ err, step }, 'looking for work failed')
    }
  }

  /** @returns whether there was something to run. */
  async #runOne(step: StepName, videoId?: string, delivery?: Delivery): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false
    const { db, log } = this.#parts
    const lease = await claimStep(db, step, videoId)
    if (!lease) return false
    const attempt = new Attempt(this.#parts, lease, {
      stopping: this.#stopping.signal,
      log: log.child({
        step,
        video_id: lease.videoId,
        attempt: lease.attempt,
        ...(delivery && { event_id: delivery.event.id }),
      }),
      onSignOfLife: () => delivery?.working(),
    })
    await attempt.run()
    return true
  }
}
