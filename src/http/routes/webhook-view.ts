import { EVENT_TYPES } from '../../database/tables/messaging.ts'
import { DELIVERY_STATES } from '../../database/tables/webhooks.ts'
import { currentSecrets, type DeliveryRow, type WebhookRow } from '../../webhooks/webhook-rows.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'
import { nullable } from '../schemas.ts'

export const uuid = { type: 'string', format: 'uuid' } as const
const time = { type: 'string', format: 'date-time' } as const

/** The path parameter `id` of a webhook. */
export const webhookById = {
  type: 'object',
  required: ['id'],
  properties: { id: { ...uuid, description: 'The id of the webhook.' } },
} as const

export const webhookProperties = {
  id: uuid,
  url: {
    type: 'string',
    description: 'The URL that receives the events.',
    examples: ['https://example.com/longtake'],
  },
  events: {
    type: 'array',
    description: 'The events to send; empty for all events.',
    items: { type: 'string', enum: EVENT_TYPES },
  },
  disabled_at: {
    ...nullable('string'),
    format: 'date-time',
    description: 'Time at which the receiver responded with 410, which disables the webhook; otherwise null.',
  },
  created_at: time,
} as const

const secret = {
  type: 'string',
  description:
    'The secret for verifying the signatures of messages to the webhook (standardwebhooks.com). It is shown only once.',
} as const

const deliveryProperties = {
  id: uuid,
  event_id: { ...uuid, description: 'The `webhook-id` of every attempt.' },
  type: { type: 'string', enum: EVENT_TYPES },
  video_id: uuid,
  time,
  state: { type: 'string', enum: DELIVERY_STATES },
  attempts: { type: 'integer', description: 'Number of attempts so far.' },
  attempted_at: { ...nullable('string'), format: 'date-time', description: 'Time of the last attempt.' },
  next_attempt_at: {
    ...nullable('string'),
    format: 'date-time',
    description: 'Time of the next attempt; null if none is planned.',
  },
  response_status: { ...nullable('integer'), description: 'Status of the last response.' },
  response_body: { ...nullable('string'), description: 'The first 1024 bytes of the response body.' },
  error: { ...nullable('string'), description: 'Why the last attempt failed; null if it succeeded.' },
} as const

/** A page of deliveries. */
export const deliveryPage = {
  type: 'object',
  required: ['items', 'next_before'],
  properties: {
    items: { type: 'array', items: { $ref: 'WebhookDelivery#' } },
    next_before: {
      ...nullable('string'),
      format: 'uuid',
      description: 'The `before` of the next page; null on the last page.',
    },
  },
} as const

const webhookSchema = {
  $id: 'Webhook',
  type: 'object',
  required: namesOf(webhookProperties),
  properties: webhookProperties,
} as const

const withSecretProperties = { ...webhookProperties, secret } as const
const webhookWithSecretSchema = {
  $id: 'WebhookWithSecret',
  type: 'object',
  required: namesOf(withSecretProperties),
  properties: withSecretProperties,
} as const

const deliverySchema = {
  $id: 'WebhookDelivery',
  type: 'object',
  required: namesOf(deliveryProperties),
  properties: deliveryProperties,
} as const

/** For `addSchema`. */
export const webhookSchemas = [webhookSchema, webhookWithSecretSchema, deliverySchema]

declare module '../schema-types.ts' {
  interface NamedSchemas {
    Webhook: FromSchema<typeof webhookSchema>
    WebhookWithSecret: FromSchema<typeof webhookWithSecretSchema>
    WebhookDelivery: FromSchema<typeof deliverySchema>
  }
}

export function viewWebhook(row: WebhookRow): FromSchema<typeof webhookSchema> {
  const { id, url, events, disabled_at, created_at } = row
  return {
    id,
    url,
    events,
    disabled_at: disabled_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
  }
}

export function viewWithSecret(row: WebhookRow): FromSchema<typeof webhookWithSecretSchema> {
  return { ...viewWebhook(row), secret: currentSecrets(row)[0]! }
}

export function viewDelivery(row: DeliveryRow): FromSchema<typeof deliverySchema> {
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
