import type pg from 'pg'
import type { Logger } from 'pino'
import { Loop } from '../base/loop.ts'
import { LocalSignal, SHARED_TOPICS, type Signal, type Topic } from '../base/signal.ts'
import { SIGNAL_CHANNEL } from './announce.ts'
import { closeSession, openSession } from './session.ts'

/** The connection is used at least this often, so that a dead one is noticed. */
const HEARTBEAT_MS = 15_000

/**
 * Reaches all processes on one PostgreSQL database, by NOTIFY and LISTEN on a connection of its own: neither the sender's request nor its
 * transaction waits for it. A lost connection is made again, and all shared topics are then emitted here, because signals were missed.
 */
export class PgSignal implements Signal {
  readonly #url: string
  readonly #local = new LocalSignal()
  /** Topics to send. One that is emitted many times before it is sent, is sent once. */
  readonly #unsent = new Set<Topic>()
  readonly #loop: Loop
  #client: pg.Client | undefined

  /** Returns at once; the connection is made in the background. */
  constructor(url: string, log: Logger) {
    this.#url = url
    this.#loop = new Loop(() => this.#send(), {
      intervalMs: HEARTBEAT_MS,
      log,
      failed: 'no signals from other processes: their work is found by SWEEP_INTERVAL',
      recovered: 'signals from other processes arrive again',
    })
    this.#loop.start()
  }

  emit(topic: Topic): void {
    this.#local.emit(topic)
    if (!SHARED_TOPICS.has(topic)) return
    this.#unsent.add(topic)
    this.#loop.wake()
  }

  on(topic: Topic, listener: () => void): () => void {
    return this.#local.on(topic, listener)
  }

  /** Sends what was emitted before, if there is a connection. */
  async close(): Promise<void> {
    await this.#loop.stop()
    const client = this.#client
    if (client && this.#unsent.size > 0) await this.#send().catch(() => {})
    this.#client = undefined
    if (client) await closeSession(client)
  }

  async #send(): Promise<void> {
    this.#client ??= await this.#connect()
    const client = this.#client
    const topics = [...this.#unsent]
    this.#unsent.clear()
    try {
      await client.query('select pg_notify($1, topic) from unnest($2::text[]) as topic', [
        SIGNAL_CHANNEL,
        topics,
      ])
    } catch (error) {
      for (const topic of topics) this.#unsent.add(topic)
      this.#drop(client)
      throw error
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = await openSession(this.#url, 'longtake signals', lost => this.#drop(lost))
    client.on('notification', ({ payload, processId }) => {
      // This process was told by emit().
      const isOwn = processId === (client as unknown as { processID: number | null }).processID
      if (!isOwn && SHARED_TOPICS.has(payload as Topic)) this.#local.emit(payload as Topic)
    })
    try {
      await client.query(`listen ${SIGNAL_CHANNEL}`)
    } catch (error) {
      await closeSession(client)
      throw error
    }
    for (const topic of SHARED_TOPICS) this.#local.emit(topic)
    return client
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    void closeSession(client)
    this.#loop.wake()
  }
}
