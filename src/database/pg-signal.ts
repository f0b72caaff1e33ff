import { LocalSignal, SHARED_TOPICS, type Signal, type Topic } from '../base/signal.ts'
import { SIGNAL_CHANNEL } from './announce.ts'
import type { ProcessSession } from './process-session.ts'

/**
 * Sends signals to all processes on one PostgreSQL database with NOTIFY and LISTEN. Neither the sender's request nor its transaction waits.
 * After a lost connection, emits all shared topics in this process, because signals may have been missed.
 */
export class PgSignal implements Signal {
  readonly #session: ProcessSession
  readonly #local = new LocalSignal()
  /** Topics to send. A topic that is emitted several times before it is sent is sent once. */
  readonly #unsent = new Set<Topic>()
  /** Set and cleared in the same step as the look at `#unsent`, so that no topic is left unsent. */
  #isSending = false
  #lastSending: Promise<void> = Promise.resolve()

  /** @param session must be open. */
  static async open(session: ProcessSession): Promise<PgSignal> {
    const signal = new PgSignal(session)
    await session.listen(SIGNAL_CHANNEL, (payload, isOwn) => {
      // `emit` has already called the listeners of this process.
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

  /** Sends the emitted topics if there is a connection. */
  async close(): Promise<void> {
    this.#send()
    await this.#lastSending
  }

  #send(): void {
    if (!this.#isSending) this.#lastSending = this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    while (this.#unsent.size > 0 && this.#session.isOpen) {
      const topics = [...this.#unsent]
      this.#unsent.clear()
      try {
        await this.#session.query('select pg_notify($1, topic) from unnest($2::text[]) as topic', [
          SIGNAL_CHANNEL,
          topics,
        ])
      } catch {
        // The topics are sent on the next connection.
        for (const topic of topics) this.#unsent.add(topic)
        break
      }
    }
    this.#isSending = false
  }
}
