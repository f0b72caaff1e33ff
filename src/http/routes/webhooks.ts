import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../base/errors.ts'
import { EVENT_TYPES } from '../../database/tables/messaging.ts'
import { isPublic, literalOf, PrivateAddressError } from '../../net/public-address.ts'
import {
  addSecret,
  deleteWebhook,
  getWebhook,
  insertWebhook,
  listWebhooks,
} from '../../webhooks/webhook-rows.ts'
import { type TypedApp, typed } from '../schema-types.ts'
import { problems } from '../schemas.ts'
import { type WebhookRouteDeps, webhookDeliveryRoutes } from './webhook-deliveries.ts'
import { webhookPingRoute } from './webhook-ping.ts'
import { viewWebhook, viewWithSecret, webhookById, webhookProperties } from './webhook-view.ts'

const MAX_WEBHOOKS = 100
const MAX_URL_LENGTH = 2000

/** Webhooks and their deliveries. For admins only, because a webhook receives the events of every owner's videos. */
export async function webhookRoutes(app: FastifyInstance, deps: WebhookRouteDeps): Promise<void> {
  addCreation(typed(app), deps)
  addReading(typed(app), deps)
  addChanges(typed(app), deps)
  await webhookPingRoute(app, deps)
  await webhookDeliveryRoutes(app, deps)
}

function addCreation(app: TypedApp, { db, allowPrivate }: WebhookRouteDeps): void {
  app.post(
    '/webhooks',
    {
      config: { access: 'admin', hasSecret: true },
      schema: {
        tags: ['webhooks'],
        operationId: 'createWebhook',
        summary: 'Create a webhook',
        description:
          'Each event is sent to `url` at least once: a POST with the body `{"type", "timestamp", "data": {"video_id"}}`, signed according to ' +
          'Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`). It is repeated for about a day until the response is 2xx. ' +
          'The response 410 disables the webhook.',
        body: {
          type: 'object',
          required: ['url'],
          additionalProperties: false,
          properties: {
            url: { ...webhookProperties.url, maxLength: MAX_URL_LENGTH },
            events: {
              ...webhookProperties.events,
              maxItems: EVENT_TYPES.length,
              description: 'The events to send. If empty or absent, all events are sent.',
            },
          },
        } as const,
        response: { 201: { $ref: 'WebhookWithSecret#' }, ...problems(400, 409, 415) },
      },
    },
    async (request, reply) => {
      const { url, events = [] } = request.body
      requireUrl(url, allowPrivate)
      if ((await listWebhooks(db)).length >= MAX_WEBHOOKS)
        throw new ApiError(
          409,
          'too_many_webhooks',
          `The maximum of ${MAX_WEBHOOKS} webhooks has been reached.`,
        )
      const row = await insertWebhook(db, new URL(url).href, [...new Set(events)])
      return reply.code(201).send(viewWithSecret(row))
    },
  )
}

function addReading(app: TypedApp, { db }: WebhookRouteDeps): void {
  app.get(
    '/webhooks',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'listWebhooks',
        summary: 'List all webhooks',
        response: {
          200: {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: { $ref: 'Webhook#' } } },
          },
        },
      },
    },
    async () => ({ items: (await listWebhooks(db)).map(viewWebhook) }),
  )

  app.get(
    '/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'getWebhook',
        summary: 'Get a webhook',
        params: webhookById,
        response: { 200: { $ref: 'Webhook#' }, ...problems(400, 404) },
      },
    },
    async request => viewWebhook(await getWebhook(db, request.params.id)),
  )
}

function addChanges(app: TypedApp, { db }: WebhookRouteDeps): void {
  app.delete(
    '/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook and its deliveries',
        params: webhookById,
        response: { 204: { type: 'null', description: 'Deleted.' }, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      await deleteWebhook(db, request.params.id)
      return reply.code(204).send()
    },
  )

  app.post(
    '/webhooks/:id/secrets',
    {
      config: { access: 'admin', hasSecret: true },
      schema: {
        tags: ['webhooks'],
        operationId: 'createWebhookSecret',
        summary: 'Create a new secret',
        description:
          'The previous secret continues to sign for one day. During this time `webhook-signature` contains both signatures.',
        params: webhookById,
        response: { 201: { $ref: 'WebhookWithSecret#' }, ...problems(400, 404) },
      },
    },
    async (request, reply) => reply.code(201).send(viewWithSecret(await addSecret(db, request.params.id))),
  )
}

/** If the URL has a host name, its IP addresses are checked at each attempt. @throws ApiError 400 */
function requireUrl(url: string, allowPrivate: boolean): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password)
    throw new ApiError(
      400,
      'invalid_url',
      'url must begin with https:// or http:// and must not contain a user name or password.',
      'url',
    )
  const literal = literalOf(parsed)
  if (literal && !allowPrivate && !isPublic(literal))
    throw new ApiError(400, 'private_address', new PrivateAddressError(literal).message, 'url')
}
