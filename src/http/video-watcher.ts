import type { Logger } from 'pino'
import type { Db } from '../database/schema.ts'
import { versionsOf } from '../videos/catalogue/videos.ts'

/** How soon a change is noticed, in milliseconds. */
const INTERVAL = 500

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
  #timer: NodeJS.Timeout | undefined

  constructor(db: Db, log: Logger) {
    this.#db = db
    this.#log = log
  }

  /** Calls `listener` after each change, the deletion included. @returns what ends that. */
  watch(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, listeners.add(listener))
    this.#timer ??= setTimeout(() => void this.#look(), INTERVAL)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(id) !== listeners) return
      this.#listeners.delete(id)
      this.#versions.delete(id)
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#listeners.clear()
  }

  async #look(): Promise<void> {
    try {
      const found = await versionsOf(this.#db, [...this.#listeners.keys()])
      for (const [id, listeners] of this.#listeners) {
        if (found.get(id) === this.#versions.get(id) && found.has(id)) continue
        for (const listener of [...listeners]) listener()
      }
      this.#versions = found
    } catch (err) {
      this.#log.warn({ err }, 'looking for changes failed')
    }
    this.#timer = this.#listeners.size > 0 ? setTimeout(() => void this.#look(), INTERVAL) : undefined
  }
}
