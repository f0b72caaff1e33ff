import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { MachineFault, StepError, StepPostponed } from '../../base/errors.ts'
import { announceObjects, removeNoted } from '../../objects/removals.ts'
import { getSourceRow, type SourceRow } from '../../videos/catalogue/videos.ts'
import { holdsLease, type Lease, releaseStep, renewLease } from '../../videos/pipeline/leases.ts'
import { MAX_ATTEMPTS } from '../../videos/pipeline/pipeline.ts'
import { completeStep, failStep, type NewArtifact } from '../../videos/pipeline/steps.ts'
import { hasNoRoom } from '../programs/sandbox-watch.ts'
import type { MadeFile, StepResult } from '../step.ts'
import { classifyFailure, failureFields, STALLED } from './attempt-failure.ts'
import { hashFile } from './hash-file.ts'
import type { WorkerDeps } from './worker-deps.ts'

export interface AttemptOptions {
  readonly stopping: AbortSignal
  readonly log: Logger
  /** Called while the attempt works and has not stalled. */
  readonly onWorking: () => void
}

/** Time between two checks of the lease. A deletion ends running programs within this time. */
const CHECK_INTERVAL_MS = 200
/** Number of checks after which the attempt saves its progress and renews the lease. */
const CHECKS_PER_RENEWAL = 4

/** One run of one step under its lease, from the claimed row to its outcome. */
export class Attempt {
  readonly #deps: WorkerDeps
  readonly #lease: Lease
  readonly #options: AttemptOptions
  readonly #abort = new AbortController()
  readonly #directory: string
  #log: Logger
  #progress = 0
  #checks = 0
  #checking = false
  #lastProgressMs = performance.now()

  constructor(deps: WorkerDeps, lease: Lease, options: AttemptOptions) {
    this.#deps = deps
    this.#lease = lease
    this.#options = options
    this.#log = options.log
    this.#directory = join(deps.workDirectory, lease.token)
  }

  /** Runs the step and saves its outcome. @throws only if the database cannot be reached. */
  async run(): Promise<void> {
    const { stopping } = this.#options
    const onStop = () => this.#abort.abort(stopping.reason)
    stopping.addEventListener('abort', onStop)
    if (stopping.aborted) onStop()
    const watch = setInterval(() => void this.#check(), CHECK_INTERVAL_MS)
    try {
      await this.#attempt()
    } finally {
      clearInterval(watch)
      stopping.removeEventListener('abort', onStop)
      await rm(this.#directory, { recursive: true, force: true })
      this.#deps.signal.emit('events')
    }
  }

  async #attempt(): Promise<void> {
    const { db, storage, steps } = this.#deps
    const startMs = performance.now()
    try {
      const video = await getSourceRow(db, this.#lease.videoId)
      this.#log = this.#log.child({ request_id: video.request_id })
      this.#log.info('step started')
      await mkdir(this.#directory, { recursive: true })
      if (hasNoRoom(this.#directory)) throw new MachineFault('storage_full')
      // The stall timeout counts from here.
      this.#lastProgressMs = performance.now()
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
      await this.#complete(video, result, performance.now() - startMs)
    } catch (error) {
      await this.#fail(error)
    }
  }

  #onProgress(percent: number): void {
    const bounded = Math.min(100, Math.max(0, percent || 0))
    if (bounded <= this.#progress) return
    this.#progress = bounded
    this.#lastProgressMs = performance.now()
    this.#options.onWorking()
  }

  /** Aborts when the lease is lost (the video was deleted, or this process was suspended), and renews it while there is progress. */
  async #check(): Promise<void> {
    // One query at a time, even if the database is slow.
    if (this.#checking) return
    this.#checking = true
    try {
      const isRenewal = ++this.#checks % CHECKS_PER_RENEWAL === 0
      const held = isRenewal ? await this.#renew() : await holdsLease(this.#deps.db, this.#lease)
      if (!held) this.#abort.abort(new LeaseLost())
    } catch (err) {
      // Without the database, no other worker can take the lease either; the next check tries again.
      this.#log.warn({ err }, 'the lease could not be renewed')
    } finally {
      this.#checking = false
    }
  }

  async #renew(): Promise<boolean> {
    const { stallTimeoutS } = this.#deps.steps[this.#lease.step]
    const idleS = (performance.now() - this.#lastProgressMs) / 1000
    if (idleS > stallTimeoutS) {
      this.#abort.abort(
        new StepError(STALLED, `There was no progress for ${stallTimeoutS} seconds.`, { retryable: true }),
      )
      return true
    }
    this.#options.onWorking()
    return renewLease(this.#deps.db, this.#lease, this.#progress)
  }

  async #complete(video: SourceRow, { files = [], ...outcome }: StepResult, tookMs: number): Promise<void> {
    const { db, storage } = this.#deps
    const directory = `artifacts/${video.id}/`
    const artifacts = await Promise.all(files.map(file => this.#artifact(directory, file)))
    const keys = artifacts.map(artifact => artifact.storage_key)
    await announceObjects(db, this.#lease.token, keys)
    for (const [index, file] of files.entries()) {
      artifacts[index]!.size = await storage.put(file.path, keys[index]!)
    }
    const completed = await completeStep(db, this.#lease, { ...outcome, artifacts })
    // If this fails, the sweeper removes the files later.
    await removeNoted(db, storage, directory).catch(err =>
      this.#log.warn({ err }, 'removing replaced files failed'),
    )
    if (!completed) throw new LeaseLost()
    this.#log.info(
      { took: Math.round(tookMs), ...(outcome.skipped && { reason: outcome.skipped }) },
      'step completed',
    )
  }

  /** The key contains the lease's token, so an attempt that lost its lease cannot replace a file of the current one. */
  async #artifact(
    directory: string,
    { kind, variant = '', path, extension, contentType, details }: MadeFile,
  ): Promise<NewArtifact> {
    const storage_key = `${directory}${kind}${variant && `-${variant}`}-${this.#lease.token}${extension}`
    const sha256 = await hashFile(path, this.#abort.signal)
    return { kind, variant, storage_key, content_type: contentType, size: 0, details: { ...details, sha256 } }
  }

  async #fail(error: unknown): Promise<void> {
    const { db } = this.#deps
    const reason = this.#abort.signal.aborted ? this.#abort.signal.reason : error
    if (reason instanceof LeaseLost) {
      this.#log.info('the lease is lost: the result of this attempt is discarded')
    } else if (this.#options.stopping.aborted) {
      await releaseStep(db, this.#lease)
      this.#deps.signal.emit('steps')
      this.#log.info('step released')
    } else if (!(await holdsLease(db, this.#lease))) {
      // A sweep may have removed its files, which says nothing about the step or this machine.
      this.#log.info('the lease is lost: the failure is not recorded')
    } else {
      await this.#record(await classifyFailure(reason, this.#directory, this.#options.stopping))
    }
  }

  async #record(failure: StepError | StepPostponed): Promise<void> {
    const { db } = this.#deps
    if (failure instanceof StepPostponed) {
      await releaseStep(db, this.#lease, failure)
      if (failure instanceof MachineFault)
        this.#log.warn(failureFields(failure), 'this machine cannot run the step now')
      else this.#log.info({ code: failure.code }, 'step postponed')
      return
    }
    const held = await failStep(db, this.#lease, failure)
    const final = !failure.retryable || this.#lease.attempt >= MAX_ATTEMPTS
    if (!held) this.#log.info('the lease is lost: the failure is not recorded')
    else if (final) this.#log.error(failureFields(failure), 'step failed')
    else this.#log.warn(failureFields(failure), 'step failed, will be retried')
  }
}

class LeaseLost extends Error {}
