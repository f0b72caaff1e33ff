import type { EventType } from '../database/schema.ts'

/** A fact about a video, published once it is committed. Ids only: the row is the truth, the event a hint. */
export interface VideoEvent {
  /** UUIDv7 of the outbox row; the same event may arrive more than once, always with the same id. */
  readonly id: string
  readonly type: EventType
  readonly video_id: string
  /** Of the video; null where it belongs to nobody. */
  readonly owner: string | null
  /** RFC 3339, UTC. */
  readonly time: string
}

/** An event on its way to one consumer. */
export interface Delivery {
  readonly event: VideoEvent
  /** Id of the HTTP request that the event goes back to, for the log. */
  readonly requestId: string | undefined
  /** Tells the queue that the work goes on, so that nobody else is given the event; to be called on progress, cheap to call often. */
  working(): void
}

export interface Consumer {
  /** Takes no further event and waits for the one in hand. */
  stop(): Promise<void>
}

/**
 * Distributes events to named durable consumers, at least once, in no guaranteed order.
 * Processes that consume under one name share its events; each name sees every event of its type,
 * also those published before it first consumed (within the queue's retention). No message is a promise: what must not be lost is a row.
 */
export interface Queue {
  /**
   * Hands an event over. Publishing the same id again within two minutes has no effect.
   * @throws when the queue has not taken it; the caller tries again later.
   */
  publish(event: VideoEvent, requestId?: string): Promise<void>
  /**
   * Calls `handle` for each event of `type`, one at a time. Where it throws, the event comes again after a delay that
   * grows from one second to one minute.
   */
  consume(name: string, type: EventType, handle: (delivery: Delivery) => Promise<void>): Consumer
  /** @throws when the queue cannot be reached now; the message says why. */
  check(): Promise<void>
  /** Stops all consumers and lets go of the connection. */
  close(): Promise<void>
}
