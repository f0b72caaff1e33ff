import type { Logger } from 'pino'
import { Loop } from '../base/loop.ts'
import type { Db } from '../database/schema.ts'
import { versionsOf } from '../videos/catalogue/videos.ts'

/** How soon a change is noticed. */
const INTERVAL_MS = 500
/** The least time between two reports of the progress of an upload. */
const PROGRESS_INTERVAL_MS = 1000

type Listener = () => void

interface Reported {
  readonly version: string
  readonly time: number
}

/**
 * Reports changes of videos, whichever process makes them, by comparing versions in the rows: one small query for all videos that are
 * being watched, and none while nobody watches.
 */
export class VideoWatcher {
  readonly #db: Db
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #reported = new Map<string, Reported>()
  /** Runs while anyone watches. */
  #loop: Loop | undefined

  constructor(db: Db, log: Logger) {
    this.#db = db
    this.#log = log
  }

  /** Calls `listener` after each change, and after the deletion. @returns a function that ends this. */
  watch(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, listeners.add(listener))
    this.#run()
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(id) !== listeners) return
      this.#listeners.delete(id)
      this.#reported.delete(id)
    }
  }

  close(): void {
    void this.#loop?.stop()
    this.#listeners.clear()
  }

  #run(): void {
    if (this.#loop) return
    this.#loop = new Loop(() => this.#compare(), {
      intervalMs: INTERVAL_MS,
      waitsFirst: true,
      log: this.#log,
      failed: 'the watched videos could not be read',
    })
    this.#loop.start()
  }

  async #compare(): Promise<void> {
    if (this.#listeners.size === 0) {
      void this.#loop?.stop()
      this.#loop = undefined
      return
    }
    const versions = await versionsOf(this.#db, [...this.#listeners.keys()])
    for (const [id, listeners] of this.#listeners) {
      if (!this.#isChanged(id, versions.get(id))) continue
      for (const listener of [...listeners]) listener()
    }
  }

  /** @param version undefined if the video is gone. */
  #isChanged(id: string, version: string | undefined): boolean {
    if (version === undefined) return true
    const last = this.#reported.get(id)
    const time = performance.now()
    if (last?.version === version) return false
    if (last && isProgress(last.version, version) && time - last.time < PROGRESS_INTERVAL_MS) return false
    this.#reported.set(id, { version, time })
    return true
  }
}

/** Whether two versions differ only in what `versionOf` adds for an upload. */
function isProgress(before: string, after: string): boolean {
  return before.split('.')[0] === after.split('.')[0]
}
