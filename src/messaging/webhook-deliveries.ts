import { sql } from 'kysely'
import { prepared } from '../database/prepared.ts'
import type { EventType } from '../database/tables/messaging.ts'

interface DeliveredEvent {
  readonly id: string
  readonly type: EventType
  readonly video_id: string
}

/**
 * Inserts a delivery of an event for every webhook that asked for its type, in the transaction of the event. Webhooks do not depend on the
 * queue, which may lose an event or deliver it twice.
 */
export const insertDeliveries = prepared<DeliveredEvent, never>('insert-deliveries', (db, value) =>
  db
    .insertInto('webhook_deliveries')
    .columns(['id', 'webhook_id', 'event_id', 'type', 'video_id', 'time'])
    .expression(
      db
        .selectFrom('webhooks')
        .select([
          sql<string>`gen_random_uuid()`.as('id'),
          'id as webhook_id',
          sql<string>`${value('id')}::uuid`.as('event_id'),
          sql<EventType>`${value('type')}::text`.as('type'),
          sql<string>`${value('video_id')}::uuid`.as('video_id'),
          sql<Date>`now()`.as('time'),
        ])
        .where('disabled_at', 'is', null)
        .where(({ or, eb }) =>
          or([
            eb('events', '=', sql<EventType[]>`'[]'::jsonb`),
            eb('events', '@>', sql<EventType[]>`jsonb_build_array(${value('type')}::text)`),
          ]),
        ),
    ),
)
