import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Schema } from '../database/schema.ts'
import { pause } from './pause.ts'
import type { Queue } from './queue.ts'

const BATCH = 100

export interface RelayOptions {
  /** Seconds between two looks at the outbox while nobody calls `wake()`; also the pause after a failure. */
  readonly interval?: number
}

/**
 * Moves committed events from the outbox to the queue, in the order of their ids, and deletes what the queue has taken.
 *
 * No transaction and no lock is held meanwhile: an embedded database has one connection, which a slow queue would block
 * for everyone. So two relays, or one that crashed between publishing and deleting, can publish an event twice: with the
 * same id, which the queue drops within its window and which consumers have to bear anyway. For the same reason the order is best effort.
 */
export class Relay {
  readonly #db: Kysely<Schema>
  readonly #queue: Queue
  readonly #log: Logger
  readonly #interval: number
  readonly #stopping = new AbortController()
  #waking = new AbortController()
  #running: Promise<void> | undefined
  #failing = false

  constructor(db: Kysely<Schema>, queue: Queue, log: Logger, { interval = 1 }: RelayOptions = {}) {
    this.#db = db
    this.#queue = queue
    this.#log = log
    this.#interval = interval * 1000
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Looks at the outbox now, or once more where it is being looked at; to be called after the commit. */
  wake(): void {
    this.#waking.abort()
  }

  /** Waits for the event that is being published, not for the rest. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const stopping = this.#stopping.signal
    while (!stopping.aborted) {
      this.#waking = new AbortController()
      try {
        const moved = await this.#moveBatch()
        if (this.#failing && !stopping.aborted) this.#log.info('events are published again')
        this.#failing = false
        if (moved < BATCH) await pause(this.#interval, AbortSignal.any([stopping, this.#waking.signal]))
      } catch (error) {
        if (!this.#failing)
          this.#log.error({ err: error }, 'events cannot be published, they wait in the outbox')
        this.#failing = true
        // Not cut short by wake(): each new event would be one more attempt against a queue that is down.
        await pause(this.#interval, stopping)
      }
    }
  }

  async #moveBatch(): Promise<number> {
    const rows = await this.#db.selectFrom('outbox').selectAll().orderBy('id').limit(BATCH).execute()
    const taken: string[] = []
    try {
      for (const { id, type, video_id, owner, time, request_id } of rows) {
        if (this.#stopping.signal.aborted) break
        const event = { id, type, video_id, owner, time: time.toISOString() }
        await this.#queue.publish(event, request_id ?? undefined)
        taken.push(id)
      }
    } finally {
      if (taken.length) await this.#db.deleteFrom('outbox').where('id', 'in', taken).execute()
    }
    return rows.length
  }
}
