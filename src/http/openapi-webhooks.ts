import { EVENT_TYPES, type EventType } from '../database/tables/messaging.ts'

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'

const SUMMARIES: Readonly<Record<EventType, string>> = {
  'video.uploaded': 'The upload of a video is complete',
  'video.probed': 'The file was examined: duration, dimensions and tracks are known',
  'video.audio_extracted': 'The audio was extracted',
  'video.transcribed': 'The transcript was created',
  'video.ready': 'The video can be played',
  'video.failed': 'The file is unusable',
  'video.deleted': 'The video was moved to the bin, or deleted permanently',
  'video.restored': 'The video was restored from the bin',
}

/** The messages that webhooks receive. */
export const webhookMessageSchema = {
  $id: 'WebhookMessage',
  type: 'object',
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { type: 'string', enum: EVENT_TYPES },
    timestamp: { type: 'string', format: 'date-time', description: 'Time of the event.' },
    data: {
      type: 'object',
      required: ['video_id'],
      properties: { video_id: { type: 'string', format: 'uuid' } },
    },
  },
} as const

const header = (name: string, description: string, example: string) =>
  ({ in: 'header', name, required: true, description, schema: { type: 'string' }, example }) as const

const parameters = [
  header('webhook-id', 'Id of the event, the same in every attempt to deliver it.', ID),
  header('webhook-timestamp', 'Time of this attempt, in seconds since 1970.', '1769860800'),
  header(
    'webhook-signature',
    'Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).',
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  ),
]

/** The `webhooks` section of OpenAPI 3.1: one operation for each event. */
export const webhooks = Object.fromEntries(
  EVENT_TYPES.map(type => [
    type,
    {
      post: {
        tags: ['webhooks'],
        operationId: `on${type.replace(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
        summary: SUMMARIES[type],
        description:
          'Sent at least once to every webhook that receives this event. It is repeated for about a day until the response is 2xx.',
        parameters,
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                allOf: [{ $ref: '#/components/schemas/WebhookMessage' }],
                properties: { type: { const: type } },
              },
              example: { type, timestamp: '2026-01-31T12:00:00.000Z', data: { video_id: ID } },
            },
          },
        },
        responses: {
          '2XX': { description: 'The receiver has accepted the event.' },
          410: { description: 'Disables the webhook: it receives no more events.' },
        },
      },
    },
  ]),
)
