import type { Logger } from 'pino'
import { Loop } from '../base/loop.ts'
import type { Db } from '../database/schema.ts'
import { versionsOf } from '../videos/catalogue/videos.ts'

/** How soon a change is noticed. */
const INTERVAL_MS = 500

type Listener = () => void

/**
 * Tells of changes of videos, whichever process makes them, by comparing versions in the rows: one small query for all that are
 * being watched, none while nobody watches.
 */
export class VideoWatcher {
  readonly #db: Db
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>()
  #versions = new Map<string, number>()
  /** Runs while anyone watches. */
  #loop: Loop | undefined

  constructor(db: Db, log: Logger) {
    this.#db = db
    this.#log = log
  }

  /** Calls `listener` after each change, the deletion included. @returns what ends that. */
  watch(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, listeners.add(listener))
    this.#run()
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(id) !== listeners) return
      this.#listeners.delete(id)
      this.#versions.delete(id)
    }
  }

  close(): void {
    void this.#loop?.stop()
    this.#listeners.clear()
  }

  #run(): void {
    if (this.#loop) return
    this.#loop = new Loop(() => this.#look(), {
      intervalMs: INTERVAL_MS,
      waitsFirst: true,
      log: this.#log,
      failed: 'looking for changes of videos failed',
    })
    this.#loop.start()
  }

  async #look(): Promise<void> {
    if (this.#listeners.size === 0) {
      void this.#loop?.stop()
      this.#loop = undefined
      return
    }
    const found = await versionsOf(this.#db, [...this.#listeners.keys()])
    for (const [id, listeners] of this.#listeners) {
      if (found.get(id) === this.#versions.get(id) && found.has(id)) continue
      for (const listener of [...listeners]) listener()
    }
    this.#versions = found
  }
}
