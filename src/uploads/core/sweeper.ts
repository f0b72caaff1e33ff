import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import { Loop } from '../../base/loop.ts'
import type { SteadyClock } from '../../base/steady-clock.ts'
import { pullInFarTimes, steadyDatabaseTime } from '../../database/database-time.ts'
import type { Db } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { SourceWatch } from '../../videos/catalogue/source-watch.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { Recordings } from '../recordings/recordings.ts'
import type { FinalUploads } from './final-uploads.ts'
import { forgetRequests } from './idempotent-requests.ts'
import { forgetReservations } from './room.ts'
import { forgetLinks } from './upload-links.ts'
import { expiredUploads, unfinishedFinals, unfinishedUploads, uploadKey } from './upload-rows.ts'
import type { UploadStore } from './upload-store.ts'

export interface SweeperParts {
  readonly db: Db
  readonly storage: Storage
  readonly reserve: Reserve
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly finals: FinalUploads
  readonly recordings: Recordings
  readonly sources: SourceWatch
  /** Of the database. */
  readonly clock: SteadyClock
  readonly log: Logger
  /** Seconds between two sweeps. */
  readonly interval: number
}

interface Sweep extends SweeperParts {
  /** Uploads whose lost bytes have been logged. */
  readonly damaged: Set<string>
}

/** What crashes and absent clients leave to be done: at start, and then on a timer. */
export class UploadSweeper {
  readonly #parts: Sweep
  readonly #loop: Loop

  constructor(parts: SweeperParts) {
    this.#parts = { ...parts, damaged: new Set() }
    const { interval, log } = parts
    this.#loop = new Loop(() => this.#sweep(), {
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

  async #sweep(): Promise<void> {
    const { db, clock, log } = this.#parts
    const now = await steadyDatabaseTime(db, clock).catch(() => undefined)
    const tasks: [string, (parts: Sweep, now: Date | undefined) => Promise<void>][] = [
      ['reconciling uploads', reconcileUploads],
      ['laying out final uploads', layOutFinals],
      ['ending recordings', endRecordings],
      ['removing expired uploads', expireUploads],
      ['forgetting what is over', forgetOld],
      ['forgetting reservations', ({ db }) => forgetReservations(db)],
      ['removing deleted files', ({ db, storage }) => removeNoted(db, storage)],
      ['checking sources', ({ sources }) => sources.check()],
      ['keeping the reserve', async ({ reserve }) => void (await reserve.make())],
    ]
    for (const [name, task] of tasks) {
      await task(this.#parts, now).catch(err => log.error({ err }, `${name} failed`))
    }
  }
}

/** Finishes every upload whose bytes are complete and that did not become a video: the process died in between. */
async function reconcileUploads(sweep: Sweep): Promise<void> {
  const { db, storage, store } = sweep
  for (const { id, length } of await unfinishedUploads(db)) {
    if (((await storage.size(uploadKey(id))) ?? 0) < length) continue
    await store.reconcile(id).catch(err => report(sweep, id, err, 'an upload could not be finished'))
  }
}

/** Lays out every final upload whose last part has come. */
async function layOutFinals(sweep: Sweep): Promise<void> {
  const { db, locks, finals } = sweep
  for (const id of await unfinishedFinals(db)) {
    await locks
      .tryRun(id, () => finals.layOut(id))
      .catch(err => {
        // Its client is told; it expires soon.
        if (!(err instanceof ApiError && err.code === 'part_deleted'))
          report(sweep, id, err, 'a final upload could not be laid out')
      })
  }
}

/** Makes videos of recordings that are closed, or that nobody goes on with. */
async function endRecordings(sweep: Sweep, now: Date | undefined): Promise<void> {
  const { recordings, log } = sweep
  for (const id of await recordings.due(now)) {
    await recordings
      .end(id, now)
      .then(outcome => outcome && log.info({ upload_id: id }, `recording ${outcome}`))
      .catch(err => report(sweep, id, err, 'a recording could not be ended'))
  }
}

/** Logs an error; that bytes are lost only once, because no later sweep finds them. */
function report({ log, damaged }: Sweep, id: string, err: unknown, message: string): void {
  const isDamaged = err instanceof ApiError && err.code === 'upload_damaged'
  if (isDamaged && damaged.has(id)) return
  if (isDamaged) damaged.add(id)
  log.error({ err, upload_id: id }, message)
}

async function expireUploads({ db, store, log }: SweeperParts, now: Date | undefined): Promise<void> {
  if (!now) return
  for (const id of await expiredUploads(db, now)) {
    if (await store.expire(id, now)) log.info({ upload_id: id }, 'expired upload removed')
  }
}

async function forgetOld({ db }: SweeperParts, now: Date | undefined): Promise<void> {
  if (!now) return
  await forgetRequests(db, now)
  await forgetLinks(db, now)
  await pullInFarTimes(db, now)
}
