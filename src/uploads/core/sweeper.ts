import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import { Loop } from '../../base/loop.ts'
import type { SteadyClock } from '../../base/steady-clock.ts'
import { pullInFarTimes, steadyDatabaseTime } from '../../database/database-time.ts'
import type { Db } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { SourceWatch } from '../../videos/catalogue/source-watch.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { dueConcatenations, makeAllDue } from './due-concatenations.ts'
import { ignorePartDeleted, keepTogether } from './final-parts.ts'
import type { FinalUploads } from './final-uploads.ts'
import { forgetRequests } from './idempotent-requests.ts'
import { deleteExpiredReservations } from './space-reservations.ts'
import { OldLinks } from './upload-links.ts'
import { completeUploads, expiredUploads } from './upload-rows.ts'
import type { UploadStore } from './upload-store.ts'

/** Time before its expiry at which a part is prolonged, at least. */
const KEEP_AHEAD_S = 600

/** Ends recordings that are closed or abandoned. `now` is undefined while the database's clock is not reliable: then none counts as abandoned. */
export interface RecordingEnds {
  due(now: Date | undefined): Promise<string[]>
  /** @returns the outcome for the log; undefined if the recording continues. */
  end(id: string, now: Date | undefined): Promise<string | undefined>
  /** Deletes the turns of requests whose process died. */
  deleteEndedTurns(): Promise<void>
}

export interface SweeperDeps {
  readonly db: Db
  readonly storage: ObjectStorage
  readonly reserve: Reserve
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly finals: FinalUploads
  readonly recordings: RecordingEnds
  readonly sources: SourceWatch
  /** The database's clock. */
  readonly clock: SteadyClock
  readonly log: Logger
  /** Seconds between two sweeps. */
  readonly interval: number
}

interface Sweep extends SweeperDeps {
  /** Aborts when the service stops: the sweep ends after the present upload or object. */
  readonly signal: AbortSignal
  /** Uploads whose lost bytes have been logged. */
  readonly damaged: Set<string>
  readonly oldLinks: OldLinks
  /** Whether this process has not swept yet. */
  isFirst: boolean
}

/** Finishes uploads after crashes and removes those whose client does not return. Runs at start and then periodically. */
export class UploadSweeper {
  readonly #deps: Omit<Sweep, 'signal'>
  readonly #loop: Loop

  constructor(deps: SweeperDeps) {
    this.#deps = { ...deps, damaged: new Set(), oldLinks: new OldLinks(), isFirst: true }
    const { interval, log } = deps
    this.#loop = new Loop(signal => this.#sweep(signal), {
      intervalMs: interval * 1000,
      log,
      failed: 'the sweep failed',
    })
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { db, clock, log } = this.#deps
    const now = await steadyDatabaseTime(db, clock).catch(() => undefined)
    const tasks: [string, (sweep: Sweep, now: Date | undefined) => Promise<void>][] = [
      ['reconciling uploads', reconcileUploads],
      ['concatenating final uploads', concatenateFinals],
      ['ending recordings', endRecordings],
      ['removing expired uploads', expireUploads],
      ['removing old records', removeOldRecords],
      ['removing reservations', ({ db }) => deleteExpiredReservations(db)],
      ['removing turns', ({ recordings }) => recordings.deleteEndedTurns()],
      ['removing deleted files', ({ db, storage }) => removeNoted(db, storage, '', signal)],
      ['checking sources', ({ sources, signal }) => sources.check(signal)],
      ['keeping the reserve', async ({ reserve }) => void (await reserve.make())],
    ]
    for (const [name, task] of tasks) {
      if (signal.aborted) return
      await task({ ...this.#deps, signal }, now).catch(err => log.error({ err }, `${name} failed`))
    }
    this.#deps.isFirst = false
  }
}

/** Finishes every upload whose row says that all bytes are durable: a process died before it created the video. */
async function reconcileUploads(sweep: Sweep): Promise<void> {
  const { db, store } = sweep
  for (const id of await completeUploads(db)) {
    if (sweep.signal.aborted) return
    await store.reconcile(id).catch(err => report(sweep, id, err, 'an upload could not be finished'))
  }
}

/** Keeps the parts of final uploads, and concatenates every final upload whose parts are all complete. */
async function concatenateFinals(sweep: Sweep, now: Date | undefined): Promise<void> {
  const { db, locks, finals, interval } = sweep
  if (sweep.isFirst) await makeAllDue(db)
  // Longer than the time between two sweeps, so that no part expires between them.
  const aheadS = Math.max(KEEP_AHEAD_S, 2 * interval)
  if (now) await keepTogether(db, new Date(now.getTime() + aheadS * 1000))
  for (const id of await dueConcatenations(db)) {
    if (sweep.signal.aborted) return
    await locks
      .tryRun(id, () => finals.concatenate(id))
      .catch(ignorePartDeleted)
      .catch(err => report(sweep, id, err, 'a final upload could not be concatenated'))
  }
}

/** Makes videos of recordings that are closed or abandoned. */
async function endRecordings(sweep: Sweep, now: Date | undefined): Promise<void> {
  const { recordings, log } = sweep
  for (const id of await recordings.due(now)) {
    if (sweep.signal.aborted) return
    await recordings
      .end(id, now)
      .then(outcome => outcome && log.info({ upload_id: id }, `recording ${outcome}`))
      .catch(err => report(sweep, id, err, 'a recording could not be ended'))
  }
}

/** Logs an error. Lost bytes are logged once per upload, because every sweep would find them again. */
function report({ log, damaged }: Sweep, id: string, err: unknown, message: string): void {
  const isDamaged = err instanceof ApiError && err.code === 'upload_damaged'
  if (isDamaged && damaged.has(id)) return
  if (isDamaged) damaged.add(id)
  log.error({ err, upload_id: id }, message)
}

async function expireUploads({ db, store, log, signal }: Sweep, now: Date | undefined): Promise<void> {
  if (!now) return
  for (const id of await expiredUploads(db, now)) {
    if (signal.aborted) return
    if (await store.expire(id, now)) log.info({ upload_id: id }, 'expired upload removed')
  }
}

async function removeOldRecords({ db, oldLinks }: Sweep, now: Date | undefined): Promise<void> {
  if (!now) return
  await forgetRequests(db, now)
  await oldLinks.forget(db, now)
  await pullInFarTimes(db, now)
}
