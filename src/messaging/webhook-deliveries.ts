import { sql } from 'kysely'
import type { Db } from '../database/schema.ts'
import type { EventType } from '../database/tables/messaging.ts'

/**
 * Inserts a delivery of an event for every webhook that asked for its type, in the transaction of the event. Webhooks do not depend on the
 * queue, which may lose an event or deliver it twice.
 */
export async function insertDeliveries(
  db: Db,
  { id, type, video_id }: { readonly id: string; readonly type: EventType; readonly video_id: string },
): Promise<void> {
  await db
    .insertInto('webhook_deliveries')
    .columns(['id', 'webhook_id', 'event_id', 'type', 'video_id', 'time'])
    .expression(
      db
        .selectFrom('webhooks')
        .select([
          sql<string>`gen_random_uuid()`.as('id'),
          'id as webhook_id',
          sql<string>`${id}::uuid`.as('event_id'),
          sql<EventType>`${type}::text`.as('type'),
          sql<string>`${video_id}::uuid`.as('video_id'),
          sql<Date>`now()`.as('time'),
        ])
        .where('disabled_at', 'is', null)
        .where(({ or, eb }) =>
          or([
            eb('events', '=', sql<EventType[]>`'[]'::jsonb`),
            eb('events', '@>', sql<EventType[]>`${JSON.stringify([type])}::jsonb`),
          ]),
        ),
    )
    .execute()
}
