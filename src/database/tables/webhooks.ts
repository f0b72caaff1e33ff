import type { JSONColumnType } from 'kysely'
import type { Defaulted, Time } from './columns.ts'
import type { EventType } from './messaging.ts'

export interface WebhookTables {
  webhooks: WebhooksTable
  webhook_deliveries: WebhookDeliveriesTable
}

/** A URL that receives events (Standard Webhooks 1.0.0). */
export interface WebhooksTable {
  id: string
  url: string
  /** Types of the events that it receives; empty for all. */
  events: JSONColumnType<EventType[]>
  /** Secrets for the signature, newest first. */
  secrets: JSONColumnType<WebhookSecret[]>
  /** Time at which the receiver responded with 410. It receives nothing from then on. */
  disabled_at: Date | null
  created_at: Time
}

export interface WebhookSecret {
  secret: string
  /** RFC 3339; null for the current secret. */
  expires_at: string | null
}

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** One event for one webhook, and the result of its delivery. */
export interface WebhookDeliveriesTable {
  id: string
  webhook_id: string
  event_id: string
  type: EventType
  video_id: string
  /** Of the event. */
  time: Time
  state: Defaulted<DeliveryState>
  attempts: Defaulted<number>
  /** Time of the next attempt. During an attempt: the time at which the attempt counts as lost. */
  due_at: Time
  lease_token: string | null
  /** This and the columns below describe the last attempt. */
  response_status: number | null
  response_body: string | null
  error: string | null
  attempted_at: Date | null
}
