import { sql } from 'kysely'
import type { Logger } from 'pino'
import { Loop } from '../../base/loop.ts'
import { graceS, SteadyClock } from '../../base/steady-clock.ts'
import { steadyDatabaseTime } from '../../database/database-time.ts'
import type { Db } from '../../database/schema.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { DAY_S, deleteBinned } from './bin.ts'

/** Maximum number of videos in one transaction. */
const BATCH_VIDEOS = 100

export interface BinSweeperDeps {
  readonly db: Db
  readonly reserve: Reserve
  /** Number of days that a video stays in the bin. */
  readonly binDays: number
  readonly log: Logger
  /** Seconds between two sweeps. */
  readonly interval: number
}

/** Permanently deletes videos that have been in the bin for `binDays`. The upload sweeper then removes their files. */
export class BinSweeper {
  readonly #deps: BinSweeperDeps
  readonly #clock: SteadyClock
  readonly #loop: Loop

  constructor(deps: BinSweeperDeps) {
    this.#deps = deps
    this.#clock = new SteadyClock(graceS(deps.binDays * DAY_S))
    const { interval, log } = deps
    this.#loop = new Loop(() => this.#sweep(), {
      intervalMs: interval * 1000,
      log,
      failed: 'the bin could not be swept',
    })
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  /** @returns whether more videos may be due. */
  async #sweep(): Promise<boolean> {
    const { db, reserve, binDays, log } = this.#deps
    const now = await steadyDatabaseTime(db, this.#clock)
    if (!now) return false
    const deleted = await reserve.spend(() => deleteDue(db, now, binDays))
    if (deleted > 0) log.info({ videos: deleted }, 'videos in the bin were permanently deleted')
    return deleted === BATCH_VIDEOS
  }
}

/** Deletes one batch of the videos that were moved to the bin at least `binDays` days before `now`. @returns their number. */
export function deleteDue(db: Db, now: Date, binDays: number): Promise<number> {
  const due = sql<boolean>`binned_at <= ${now}::timestamptz - ${binDays} * interval '1 day'`
  return deleteBinned(db, due, BATCH_VIDEOS)
}
