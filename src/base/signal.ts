/**
 * Kinds of committed rows that other parts of the program wait for:
 * - `events`: the outbox and the webhook deliveries of an event. The process that commits them also sends them.
 * - `deliveries`: a webhook delivery became due without an event.
 * - `steps`: a step became due without an event.
 */
export type Topic = 'events' | 'deliveries' | 'steps'

/** Topics that are sent to all processes. `events` is not one of them, because each finished upload would send a message through the database. */
export const SHARED_TOPICS: ReadonlySet<Topic> = new Set(['deliveries', 'steps'])

/**
 * Notifies parts of the program that rows were committed, so that they need not wait for their next interval. A signal can be lost, repeated
 * or late, so only the rows say what is due.
 */
export interface Signal {
  /** Call it after the commit. Returns at once and never throws. */
  emit(topic: Topic): void
  /** Calls `listener` after commits of this process, for shared topics also after those of other processes. @returns what ends that. */
  on(topic: Topic, listener: () => void): () => void
}

/** Signals within this process. */
export class LocalSignal implements Signal {
  readonly #listeners = new Map<Topic, Set<() => void>>()

  emit(topic: Topic): void {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener()
  }

  on(topic: Topic, listener: () => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(listener))
    return () => void listeners.delete(listener)
  }
}
