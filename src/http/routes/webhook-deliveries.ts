import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Signal } from '../../base/signal.ts'
import type { Schema } from '../../database/schema.ts'
import { DELIVERY_STATES } from '../../database/tables/webhooks.ts'
import { getWebhook, listDeliveries, replayDelivery } from '../../webhooks/webhook-rows.ts'
import { type FromSchema, typed } from '../schema-types.ts'
import { pageLimit, problems } from '../schemas.ts'
import { deliveryPage, uuid, viewDelivery, webhookById } from './webhook-view.ts'

export interface WebhookRouteDeps {
  readonly db: Kysely<Schema>
  readonly allowPrivate: boolean
  readonly signal: Signal
  /** Aborts when the service stops. */
  readonly stop: AbortSignal
}

/** The log of deliveries to webhooks. */
export async function webhookDeliveryRoutes(
  app: FastifyInstance,
  { db, signal }: WebhookRouteDeps,
): Promise<void> {
  typed(app).get(
    '/webhooks/:id/deliveries',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'listDeliveries',
        summary: "List a webhook's deliveries",
        description: 'The latest event is first. A delivery is kept for a week after its event.',
        params: webhookById,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            limit: pageLimit('deliveries'),
            before: { ...uuid, description: 'The `next_before` of the previous page.' },
            state: { type: 'string', enum: DELIVERY_STATES, description: 'Deliveries in this state.' },
          },
        } as const,
        response: { 200: deliveryPage, ...problems(400, 404) },
      },
    },
    async (request): Promise<FromSchema<typeof deliveryPage>> => {
      const { id } = await getWebhook(db, request.params.id)
      const rows = await listDeliveries(db, id, request.query)
      const next = rows.length === request.query.limit ? rows.at(-1)!.event_id : null
      return { items: rows.map(viewDelivery), next_before: next }
    },
  )

  typed(app).post(
    '/webhooks/:id/deliveries/:delivery/replay',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'replayDelivery',
        summary: 'Repeat a delivery',
        params: {
          type: 'object',
          required: ['id', 'delivery'],
          properties: {
            id: { ...uuid, description: 'The id of the webhook.' },
            delivery: { ...uuid, description: 'The id of the delivery.' },
          },
        } as const,
        response: { 202: { $ref: 'WebhookDelivery#' }, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const webhook = await getWebhook(db, request.params.id)
      if (webhook.disabled_at)
        throw new ApiError(
          409,
          'webhook_disabled',
          'The webhook is disabled, because its receiver responded with 410. Create a new webhook.',
        )
      const row = await replayDelivery(db, webhook.id, request.params.delivery)
      signal.emit('deliveries')
      return reply.code(202).send(viewDelivery(row))
    },
  )
}
