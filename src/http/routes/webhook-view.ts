import { EVENT_TYPES } from '../../database/tables/messaging.ts'
import { DELIVERY_STATES } from '../../database/tables/webhooks.ts'
import { currentSecrets, type DeliveryRow, type WebhookRow } from '../../webhooks/webhook-rows.ts'

export const uuid = { type: 'string', format: 'uuid' } as const
const time = { type: 'string', format: 'date-time' } as const
const maybe = <T extends string>(type: T) => ({ type: [type, 'null'] as const })

/** The webhook that a path names. */
export const webhookById = { type: 'object', required: ['id'], properties: { id: uuid } } as const

export interface ByWebhookId {
  Params: { id: string }
}

export const webhookProperties = {
  id: uuid,
  url: { type: 'string', examples: ['https://example.com/longtake'] },
  events: { type: 'array', items: { type: 'string', enum: EVENT_TYPES } },
  disabled_at: {
    ...maybe('string'),
    format: 'date-time',
    description: 'Time at which the receiver answered 410; null if it has not.',
  },
  created_at: time,
} as const

const secret = {
  type: 'string',
  description:
    'Verifies the signature of what the webhook receives (standardwebhooks.com). It is shown only once.',
} as const

const deliveryProperties = {
  id: uuid,
  event_id: { ...uuid, description: 'The `webhook-id` of all attempts.' },
  type: { type: 'string', enum: EVENT_TYPES },
  video_id: uuid,
  time,
  state: { type: 'string', enum: DELIVERY_STATES },
  attempts: { type: 'integer' },
  attempted_at: { ...maybe('string'), format: 'date-time' },
  next_attempt_at: { ...maybe('string'), format: 'date-time' },
  response_status: maybe('integer'),
  response_body: { ...maybe('string'), description: 'The first 1024 bytes of the response.' },
  error: maybe('string'),
} as const

/** A page of deliveries. */
export const deliveryPage = {
  type: 'object',
  required: ['items', 'next_before'],
  properties: {
    items: { type: 'array', items: { $ref: 'WebhookDelivery#' } },
    next_before: { ...maybe('string'), format: 'uuid' },
  },
} as const

/** For `addSchema`. */
export const webhookSchemas = [
  {
    $id: 'Webhook',
    type: 'object',
    required: Object.keys(webhookProperties),
    properties: webhookProperties,
  },
  {
    $id: 'WebhookWithSecret',
    type: 'object',
    required: [...Object.keys(webhookProperties), 'secret'],
    properties: { ...webhookProperties, secret },
  },
  {
    $id: 'WebhookDelivery',
    type: 'object',
    required: Object.keys(deliveryProperties),
    properties: deliveryProperties,
  },
]

export function viewWebhook({ id, url, events, disabled_at, created_at }: WebhookRow) {
  return {
    id,
    url,
    events,
    disabled_at: disabled_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
  }
}

export function viewWithSecret(row: WebhookRow) {
  return { ...viewWebhook(row), secret: currentSecrets(row)[0] }
}

export function viewDelivery(row: DeliveryRow) {
  return {
    id: row.id,
    event_id: row.event_id,
    type: row.type,
    video_id: row.video_id,
    time: row.time.toISOString(),
    state: row.state,
    attempts: row.attempts,
    attempted_at: row.attempted_at?.toISOString() ?? null,
    next_attempt_at: row.state === 'pending' ? row.due_at.toISOString() : null,
    response_status: row.response_status,
    response_body: row.response_body,
    error: row.error,
  }
}
