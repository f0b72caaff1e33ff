import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Signal } from '../../base/signal.ts'
import {
  DELIVERY_STATES,
  type DeliveryState,
  EVENT_TYPES,
  type EventType,
  type Schema,
} from '../../database/schema.ts'
import { isPublic, literalOf } from '../../net/public-address.ts'
import {
  addSecret,
  type DeliveryRow,
  deleteWebhook,
  getWebhook,
  insertWebhook,
  listDeliveries,
  listWebhooks,
  replayDelivery,
  standingSecrets,
  type WebhookRow,
} from '../../webhooks/webhook-rows.ts'
import { problems } from '../schemas.ts'

const MAX_WEBHOOKS = 100

export interface WebhookRouteParts {
  readonly db: Kysely<Schema>
  readonly allowPrivate: boolean
  readonly signal: Signal
}

const uuid = { type: 'string', format: 'uuid' } as const
const time = { type: 'string', format: 'date-time' } as const
const maybe = <T extends string>(type: T) => ({ type: [type, 'null'] as const })

const webhookProperties = {
  id: uuid,
  url: { type: 'string', examples: ['https://example.com/longtake'] },
  events: { type: 'array', items: { type: 'string', enum: EVENT_TYPES } },
  disabled_at: { ...maybe('string'), format: 'date-time', description: 'Since it answered 410.' },
  created_at: time,
} as const
const secret = {
  type: 'string',
  description: 'Verifies what the webhook is sent (standardwebhooks.com). It is not shown again.',
} as const

const deliveryProperties = {
  id: uuid,
  event_id: { ...uuid, description: 'The `webhook-id` of all its attempts.' },
  type: { type: 'string', enum: EVENT_TYPES },
  video_id: uuid,
  time,
  state: { type: 'string', enum: DELIVERY_STATES },
  attempts: { type: 'integer' },
  attempted_at: { ...maybe('string'), format: 'date-time' },
  next_attempt_at: { ...maybe('string'), format: 'date-time' },
  response_status: maybe('integer'),
  response_body: { ...maybe('string'), description: 'Its first 1024 bytes.' },
  error: maybe('string'),
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

const idOnly = { type: 'object', required: ['id'], properties: { id: uuid } } as const

interface ById {
  Params: { id: string }
}

/** Endpoints that are told of events, and the log of what they were told. For admins, because a webhook receives events of every owner's videos. */
export async function webhookRoutes(app: FastifyInstance, parts: WebhookRouteParts): Promise<void> {
  const { db, allowPrivate, signal } = parts
  app.post<{ Body: { url: string; events?: EventType[] } }>(
    '/webhooks',
    {
      config: { access: 'admin', hasSecret: true },
      schema: {
        tags: ['webhooks'],
        operationId: 'createWebhook',
        summary: 'Have an address told of events',
        description:
          'By POST of `{"type", "timestamp", "data": {"video_id"}}`, signed in the form of Standard Webhooks (`webhook-id`, ' +
          '`webhook-timestamp`, `webhook-signature`), at least once. What is not answered by 2xx is repeated for a day; 410 ends it.',
        body: {
          type: 'object',
          required: ['url'],
          additionalProperties: false,
          properties: {
            url: { ...webhookProperties.url, maxLength: 2000 },
            events: {
              ...webhookProperties.events,
              maxItems: EVENT_TYPES.length,
              description: 'None or absent for all.',
            },
          },
        },
        response: { 201: { $ref: 'WebhookWithSecret#' }, ...problems(400, 409, 415) },
      },
    },
    async (request, reply) => {
      const { url, events = [] } = request.body
      requireUrl(url, allowPrivate)
      if ((await listWebhooks(db)).length >= MAX_WEBHOOKS)
        throw new ApiError(409, 'too_many_webhooks', `There are ${MAX_WEBHOOKS} webhooks already.`)
      const row = await insertWebhook(db, new URL(url).href, [...new Set(events)])
      return reply.code(201).send(withSecret(row))
    },
  )

  app.get(
    '/webhooks',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'listWebhooks',
        summary: 'All webhooks',
        response: {
          200: {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: { $ref: 'Webhook#' } } },
          },
        },
      },
    },
    async () => ({ items: (await listWebhooks(db)).map(view) }),
  )

  app.get<ById>(
    '/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'getWebhook',
        summary: 'One webhook',
        params: idOnly,
        response: { 200: { $ref: 'Webhook#' }, ...problems(400, 404) },
      },
    },
    async request => view(await getWebhook(db, request.params.id)),
  )

  app.delete<ById>(
    '/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook, and its log',
        params: idOnly,
        response: { 204: { type: 'null', description: 'It is gone.' }, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      await deleteWebhook(db, request.params.id)
      return reply.code(204).send()
    },
  )

  app.post<ById>(
    '/webhooks/:id/secrets',
    {
      config: { access: 'admin', hasSecret: true },
      schema: {
        tags: ['webhooks'],
        operationId: 'createWebhookSecret',
        summary: 'A new secret',
        description: 'For a day the one before signs too: `webhook-signature` has both signatures.',
        params: idOnly,
        response: { 201: { $ref: 'WebhookWithSecret#' }, ...problems(400, 404) },
      },
    },
    async (request, reply) => reply.code(201).send(withSecret(await addSecret(db, request.params.id))),
  )

  app.get<ById & { Querystring: { limit: number; before?: string; state?: DeliveryState } }>(
    '/webhooks/:id/deliveries',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'listDeliveries',
        summary: 'What a webhook was told',
        description: 'The latest first, for a week.',
        params: idOnly,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
            before: { ...uuid, description: 'The `next_before` of the page before.' },
            state: { type: 'string', enum: DELIVERY_STATES },
          },
        },
        response: {
          200: {
            type: 'object',
            required: ['items', 'next_before'],
            properties: {
              items: { type: 'array', items: { $ref: 'WebhookDelivery#' } },
              next_before: { ...maybe('string'), format: 'uuid' },
            },
          },
          ...problems(400, 404),
        },
      },
    },
    async request => {
      const { id } = await getWebhook(db, request.params.id)
      const rows = await listDeliveries(db, id, request.query)
      const next = rows.length === request.query.limit ? rows.at(-1)!.event_id : null
      return { items: rows.map(viewDelivery), next_before: next }
    },
  )

  app.post<{ Params: { id: string; delivery: string } }>(
    '/webhooks/:id/deliveries/:delivery/replay',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'replayDelivery',
        summary: 'Tell a webhook once more',
        params: { type: 'object', required: ['id', 'delivery'], properties: { id: uuid, delivery: uuid } },
        response: { 202: { $ref: 'WebhookDelivery#' }, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const webhook = await getWebhook(db, request.params.id)
      if (webhook.disabled_at)
        throw new ApiError(409, 'webhook_disabled', 'The webhook has answered 410: make another.')
      const row = await replayDelivery(db, webhook.id, request.params.delivery)
      signal.emit('deliveries')
      return reply.code(202).send(viewDelivery(row))
    },
  )
}

/** @throws ApiError 400. What a name resolves to is checked when it is called. */
function requireUrl(url: string, allowPrivate: boolean): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password)
    throw new ApiError(400, 'invalid_url', 'url must begin with https:// or http://, without a user.', 'url')
  const literal = literalOf(parsed)
  if (literal && !allowPrivate && !isPublic(literal))
    throw new ApiError(400, 'private_address', `${literal} is not an address on the internet.`, 'url')
}

function view({ id, url, events, disabled_at, created_at }: WebhookRow) {
  return {
    id,
    url,
    events,
    disabled_at: disabled_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
  }
}

function withSecret(row: WebhookRow) {
  return { ...view(row), secret: standingSecrets(row)[0] }
}

function viewDelivery(row: DeliveryRow) {
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
