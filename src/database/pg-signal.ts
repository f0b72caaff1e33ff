import { LocalSignal, SHARED_TOPICS, type Signal, type Topic } from '../base/signal.ts'
import { SIGNAL_CHANNEL } from './announce.ts'
import type { ProcessSession } from './process-session.ts'

/**
 * Reaches all processes on one PostgreSQL database, by NOTIFY and LISTEN: neither the sender's request nor its transaction waits for it.
 * After a lost connection all shared topics are emitted here, because signals were missed.
 */
export class PgSignal implements Signal {
  readonly #session: ProcessSession
  readonly #local = new LocalSignal()
  /** Topics to send. One that is emitted many times before it is sent, is sent once. */
  readonly #unsent = new Set<Topic>()
  #sending: Promise<void> | undefined

  /** @param session an open one. */
  static async open(session: ProcessSession): Promise<PgSignal> {
    const signal = new PgSignal(session)
    await session.listen(SIGNAL_CHANNEL, (payload, isOwn) => {
      // This process was told by emit().
      if (!isOwn && SHARED_TOPICS.has(payload as Topic)) signal.#local.emit(payload as Topic)
    })
    session.onReopened(() => {
      for (const topic of SHARED_TOPICS) signal.#local.emit(topic)
      signal.#send()
    })
    return signal
  }

  private constructor(session: ProcessSession) {
    this.#session = session
  }

  emit(topic: Topic): void {
    this.#local.emit(topic)
    if (!SHARED_TOPICS.has(topic)) return
    this.#unsent.add(topic)
    this.#send()
  }

  on(topic: Topic, listener: () => void): () => void {
    return this.#local.on(topic, listener)
  }

  /** Sends what was emitted before, if there is a connection. */
  async close(): Promise<void> {
    this.#send()
    await this.#sending
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    while (this.#unsent.size > 0 && this.#session.isOpen) {
      const topics = [...this.#unsent]
      this.#unsent.clear()
      try {
        await this.#session.query('select pg_notify($1, topic) from unnest($2::text[]) as topic', [
          SIGNAL_CHANNEL,
          topics,
        ])
      } catch {
        // They are sent on the next connection.
        for (const topic of topics) this.#unsent.add(topic)
        return
      }
    }
  }
}
