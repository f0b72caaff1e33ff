import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StepError, StepPostponed } from '../errors.ts'
import { type Lease, releaseStep, renewLease } from '../videos/leases.ts'
import { MAX_ATTEMPTS } from '../videos/pipeline.ts'
import { completeStep, failStep, type NewArtifact } from '../videos/steps.ts'
import { getVideoRow, type VideoRow } from '../videos/videos.ts'
import type { MadeFile, StepResult } from './step.ts'
import type { WorkerParts } from './worker-parts.ts'

export interface AttemptOptions {
  readonly stopping: AbortSignal
  readonly log: Logger
  readonly onSignOfLife: () => void
}

const HEARTBEAT = 1000

/** One run of one step under its lease, from the claimed row to its outcome. */
export class Attempt {
  readonly #parts: WorkerParts
  readonly #lease: Lease
  readonly #options: AttemptOptions
  readonly #abort = new AbortController()
  readonly #directory: string
  #log: Logger
  #progress = 0
  #lastProgress = performance.now()

  constructor(parts: WorkerParts, lease: Lease, options: AttemptOptions) {
    this.#parts = parts
    this.#lease = lease
    this.#options = options
    this.#log = options.log
    this.#directory = join(parts.workDirectory, lease.token)
  }

  /** Runs the step and writes down what came of it. Throws only where the database cannot be reached. */
  async run(): Promise<void> {
    const { stopping } = this.#options
    const onStop = () => this.#abort.abort(stopping.reason)
    stopping.addEventListener('abort', onStop)
    if (stopping.aborted) onStop()
    const heartbeat = setInterval(() => void this.#beat(), HEARTBEAT)
    try {
      await this.#attempt()
    } finally {
      clearInterval(heartbeat)
      stopping.removeEventListener('abort', onStop)
      await rm(this.#directory, { recursive: true, force: true })
      this.#parts.onCommit()
    }
  }

  async #attempt(): Promise<void> {
    const { db, storage, steps } = this.#parts
    const began = performance.now()
    try {
      if (this.#lease.attempt > MAX_ATTEMPTS) {
        throw new StepError(
          'worker_lost',
          `Processing was cut off ${MAX_ATTEMPTS} times before it came to an end.`,
          {
            retryable: false,
          },
        )
      }
      const video = await getVideoRow(db, this.#lease.videoId)
      this.#log = this.#log.child({ request_id: video.request_id })
      this.#log.info('step begins')
      await mkdir(this.#directory, { recursive: true })
      const result = await steps[this.#lease.step].run({
        video,
        db,
        storage,
        log: this.#log,
        directory: this.#directory,
        signal: this.#abort.signal,
        lastAttempt: this.#lease.attempt >= MAX_ATTEMPTS,
        progress: percent => this.#onProgress(percent),
      })
      this.#abort.signal.throwIfAborted()
      await this.#complete(video, result, performance.now() - began)
    } catch (error) {
      await this.#fail(error)
    }
  }

  #onProgress(percent: number): void {
    const bounded = Math.min(100, Math.max(0, percent || 0))
    if (bounded <= this.#progress) return
    this.#progress = bounded
    this.#lastProgress = performance.now()
    this.#options.onSignOfLife()
  }

  /** Prolongs the lease while there is progress, and notices when it is lost (the video was deleted, or this process slept). */
  async #beat(): Promise<void> {
    const patience = this.#parts.steps[this.#lease.step].patience
    const silentFor = (performance.now() - this.#lastProgress) / 1000
    if (silentFor > patience) {
      this.#abort.abort(
        new StepError('stalled', `There was no progress for ${patience} seconds.`, { retryable: true }),
      )
      return
    }
    this.#options.onSignOfLife()
    try {
      const held = await renewLease(this.#parts.db, this.#lease, this.#progress)
      if (!held) this.#abort.abort(new LeaseLost())
    } catch (err) {
      // Without the database nobody else can take the lease either; the next beat tries again.
      this.#log.warn({ err }, 'the lease could not be renewed')
    }
  }

  async #complete(video: VideoRow, { file, ...outcome }: StepResult, took: number): Promise<void> {
    const { db, storage } = this.#parts
    const artifact = file && (await this.#adopt(video, file))
    const completed = await completeStep(db, this.#lease, { ...outcome, ...(artifact && { artifact }) })
    if (!completed) {
      if (artifact) await storage.remove(artifact.storage_key)
      throw new LeaseLost()
    }
    if (artifact) await this.#removeOlder(artifact)
    this.#log.info(
      { took: Math.round(took), ...(outcome.skipped && { reason: outcome.skipped }) },
      'step ends',
    )
  }

  /** Keys hold the lease's token: an attempt that lost its lease cannot replace the file of the one that has it. */
  async #adopt(video: VideoRow, file: MadeFile): Promise<NewArtifact> {
    const key = `artifacts/${video.id}/${file.kind}-${this.#lease.token}${file.extension}`
    const size = await this.#parts.storage.adopt(file.path, key)
    return { kind: file.kind, storage_key: key, content_type: file.contentType, size, details: file.details }
  }

  async #removeOlder(artifact: NewArtifact): Promise<void> {
    const { storage } = this.#parts
    const directory = `artifacts/${this.#lease.videoId}/`
    for (const key of await storage.list(directory)) {
      if (key.startsWith(`${directory}${artifact.kind}-`) && key !== artifact.storage_key)
        await storage.remove(key)
    }
  }

  async #fail(error: unknown): Promise<void> {
    const { db } = this.#parts
    const reason = this.#abort.signal.aborted ? this.#abort.signal.reason : error
    if (reason instanceof LeaseLost) {
      this.#log.info('the step is no longer ours: nothing of this attempt is kept')
    } else if (this.#options.stopping.aborted) {
      await releaseStep(db, this.#lease)
      this.#log.info('step given back')
    } else if (reason instanceof StepPostponed) {
      await releaseStep(db, this.#lease, reason)
      this.#log.info({ code: reason.code }, 'step postponed')
    } else {
      const failure =
        reason instanceof StepError
          ? reason
          : new StepError('internal', 'The step failed for a reason that only the log tells.', {
              retryable: true,
              cause: reason,
            })
      const held = await failStep(db, this.#lease, failure)
      const final = !failure.retryable || this.#lease.attempt >= MAX_ATTEMPTS
      if (!held) this.#log.info('the step is no longer ours: its failure is not noted')
      else if (final) this.#log.error(describe(failure), 'step failed')
      else this.#log.warn(describe(failure), 'step failed, will be tried again')
    }
  }
}

class LeaseLost extends Error {}

/** A fault of the file or a service is told in a line; only one of ours needs its stack. */
function describe(failure: StepError): object {
  const { code, message, cause } = failure
  if (code === 'internal') return { code, err: cause }
  return { code, error: message, ...(cause instanceof Error && { detail: cause.message.slice(-1000) }) }
}
