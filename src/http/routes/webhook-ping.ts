import type { FastifyInstance } from 'fastify'
import { pingWebhook } from '../../webhooks/ping.ts'
import { getWebhook } from '../../webhooks/webhook-rows.ts'
import { type FromSchema, typed } from '../schema-types.ts'
import { problems } from '../schemas.ts'
import type { WebhookRouteDeps } from './webhook-deliveries.ts'
import { webhookById } from './webhook-view.ts'

const pingResult = {
  type: 'object',
  required: ['delivered', 'response_status', 'response_body', 'error', 'duration'],
  properties: {
    delivered: { type: 'boolean', description: 'Whether the response was 2xx.', examples: [true] },
    response_status: { type: ['integer', 'null'], description: 'Null without a response.', examples: [204] },
    response_body: {
      type: ['string', 'null'],
      description: 'The beginning of the response.',
      examples: [''],
    },
    error: {
      type: ['string', 'null'],
      description: 'Why the event was not accepted.',
      examples: [null],
    },
    duration: { type: 'number', description: 'Seconds until the response.', examples: [0.21] },
  },
} as const

/** Test events. */
export async function webhookPingRoute(
  app: FastifyInstance,
  { db, allowPrivate, stop }: WebhookRouteDeps,
): Promise<void> {
  typed(app).post(
    '/webhooks/:id/ping',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['webhooks'],
        operationId: 'pingWebhook',
        summary: 'Send a test event to a webhook',
        description:
          'Sends `{"type": "ping", "timestamp", "data": {}}` once, signed like every event, and responds with what the receiver answered.',
        params: webhookById,
        response: { 200: pingResult, ...problems(400, 404) },
      },
    },
    async (request): Promise<FromSchema<typeof pingResult>> =>
      pingWebhook(await getWebhook(db, request.params.id), { allowPrivate, signal: stop }),
  )
}
