import type { EventType } from '../database/tables/messaging.ts'

/** A change of a video, published after its commit. It contains only ids, because consumers read the state from the row. */
export interface VideoEvent {
  /** UUIDv7 of the outbox row; the same event may arrive more than once, always with the same id. */
  readonly id: string
  readonly type: EventType
  readonly video_id: string
  /** Owner of the video; null if it is unowned. */
  readonly owner: string | null
  /** RFC 3339, UTC. */
  readonly time: string
}

/** An event on its way to one consumer. */
export interface Delivery {
  readonly event: VideoEvent
  /** Id of the HTTP request that caused the event, for the log. */
  readonly requestId: string | undefined
  /** Reports progress, so that the queue does not deliver the event to another consumer. Cheap to call often. */
  working(): void
}

export interface Consumer {
  /** Accepts no further event and waits for the current one. */
  stop(): Promise<void>
}

/**
 * Distributes events to named durable consumers, at least once, in no guaranteed order. Processes that consume under one name share its
 * events. Each name receives every event of its type, including events from before it first consumed (within the queue's retention).
 * Messages can be lost, so the state must be in rows.
 */
export interface Queue {
  /**
   * Publishes an event. Publishing the same id again within two minutes has no effect.
   * @throws Error if the queue has not accepted it; the caller tries again later.
   */
  publish(event: VideoEvent, requestId?: string): Promise<void>
  /**
   * Calls `handle` for each event of `type`, one at a time. If it throws, the event is delivered again after a delay that grows from one
   * second to one minute.
   */
  consume(name: string, type: EventType, handle: (delivery: Delivery) => Promise<void>): Consumer
  /** @throws Error that says why the queue cannot be used now. */
  check(): Promise<void>
  /** Stops all consumers and closes the connection. */
  close(): Promise<void>
}
