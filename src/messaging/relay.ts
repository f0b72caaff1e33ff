import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { Loop } from '../base/loop.ts'
import type { Schema } from '../database/schema.ts'
import type { Queue } from './queue.ts'

const BATCH_COUNT = 100

export interface RelayOptions {
  /** Seconds between two reads of the outbox without `wake()`. */
  readonly interval?: number
}

/**
 * Moves committed events from the outbox to the queue, ordered by id, and deletes the rows that the queue has accepted.
 *
 * It holds no transaction and no lock while it publishes, because the embedded database has a single connection, which a slow queue would
 * block. So an event can be published twice: by two relays, or after a crash between publishing and deleting. Its id is the same, so the
 * queue drops the second one within its deduplication window, and consumers must accept repetitions. The order is not guaranteed either.
 */
export class Relay {
  readonly #db: Kysely<Schema>
  readonly #queue: Queue
  readonly #loop: Loop

  constructor(db: Kysely<Schema>, queue: Queue, log: Logger, { interval = 1 }: RelayOptions = {}) {
    this.#db = db
    this.#queue = queue
    this.#loop = new Loop(signal => this.#moveBatch(signal), {
      intervalMs: interval * 1000,
      log,
      failed: 'events cannot be published, they wait in the outbox',
      recovered: 'events are published again',
    })
  }

  start(): void {
    this.#loop.start()
  }

  /** Publishes the events that were committed before this call. */
  wake(): void {
    this.#loop.wake()
  }

  /** Waits for the event that is being published, not for the rest. */
  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  /** @returns whether there may be more. */
  async #moveBatch(stopping: AbortSignal): Promise<boolean> {
    const rows = await this.#db.selectFrom('outbox').selectAll().orderBy('id').limit(BATCH_COUNT).execute()
    const taken: string[] = []
    try {
      for (const { id, type, video_id, owner, time, request_id } of rows) {
        if (stopping.aborted) break
        const event = { id, type, video_id, owner, time: time.toISOString() }
        await this.#queue.publish(event, request_id ?? undefined)
        taken.push(id)
      }
    } finally {
      if (taken.length) await this.#db.deleteFrom('outbox').where('id', 'in', taken).execute()
    }
    return rows.length === BATCH_COUNT
  }
}
