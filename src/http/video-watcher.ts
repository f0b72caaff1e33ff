import type { Logger } from 'pino'
import type { Db } from '../database/schema.ts'
import { versionsOf } from '../videos/catalogue/videos.ts'
import { OnDemandLoop } from './on-demand-loop.ts'

/** Interval at which the versions are compared. */
const INTERVAL_MS = 500
/** Minimum time between two reports of an upload's progress to one listener. */
const PROGRESS_INTERVAL_MS = 1000

/** Called with the new version of a video; undefined if the video was deleted. */
export type VersionListener = (version: string | undefined) => void

interface Watch {
  readonly listener: VersionListener
  /** The version that was reported last, and the time of that report. */
  version: string
  since: number
}

/**
 * Reports changes of videos by any process. Compares the versions in the database with one small query for all watched videos, and runs no
 * query while no video is watched.
 */
export class VideoWatcher {
  readonly #db: Db
  /** By the id of the video. */
  readonly #watches = new Map<string, Set<Watch>>()
  readonly #loop: OnDemandLoop

  constructor(db: Db, log: Logger) {
    this.#db = db
    this.#loop = new OnDemandLoop(
      () => this.#compare(),
      () => this.#watches.size > 0,
      { intervalMs: INTERVAL_MS, log, failed: 'the watched videos could not be read' },
    )
  }

  /**
   * Calls `listener` after each change, and repeatedly once the video is deleted, until the returned function is called.
   * @param version the version that the caller has read (`versionOf`). Only later versions are reported.
   */
  watch(id: string, version: string, listener: VersionListener): () => void {
    const watch: Watch = { listener, version, since: performance.now() }
    const watches = this.#watches.get(id) ?? new Set()
    this.#watches.set(id, watches.add(watch))
    this.#loop.start()
    return () => {
      watches.delete(watch)
      if (watches.size === 0 && this.#watches.get(id) === watches) this.#watches.delete(id)
    }
  }

  close(): void {
    this.#loop.close()
    this.#watches.clear()
  }

  async #compare(): Promise<void> {
    // A copy, because a video that is added during the query is not in its result and would seem to be deleted.
    const watches = [...this.#watches].map(([id, all]) => [id, [...all]] as const)
    const versions = await versionsOf(
      this.#db,
      watches.map(([id]) => id),
    )
    for (const [id, all] of watches)
      for (const watch of all) if (this.#watches.get(id)?.has(watch)) report(watch, versions.get(id))
  }
}

function report(watch: Watch, version: string | undefined): void {
  if (version === watch.version) return
  const now = performance.now()
  if (version !== undefined) {
    if (isProgress(watch.version, version) && now - watch.since < PROGRESS_INTERVAL_MS) return
    watch.version = version
    watch.since = now
  }
  watch.listener(version)
}

/** Whether two versions differ only in the part that `versionOf` adds for an upload. */
function isProgress(before: string, after: string): boolean {
  return before.split('.')[0] === after.split('.')[0]
}
