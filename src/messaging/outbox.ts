import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Db, EventType } from '../database/schema.ts'

export interface NewEvent {
  readonly type: EventType
  readonly video_id: string
  /** Of the HTTP request that the event goes back to. */
  readonly request_id?: string | null
  /** Of the video, where that is gone; else it is asked. */
  readonly owner?: string | null
}

/**
 * Notes an event for the relay, to be called in the transaction that makes it true: either both are committed or neither.
 * The relay sends it within its interval, or at once where the caller wakes it after the commit.
 */
export async function enqueue(db: Db, { type, video_id, request_id = null, owner }: NewEvent): Promise<void> {
  const id = uuidv7()
  const ownerOfVideo = db.selectFrom('videos').select('owner').where('id', '=', video_id)
  await db
    .insertInto('outbox')
    .values({ id, type, video_id, request_id, owner: owner === undefined ? ownerOfVideo : owner })
    .execute()
  await deliverToWebhooks(db, { id, type, video_id })
}

/** Webhooks are told from rows of their own, which are committed with the event: the relay may forget it, or tell it twice. */
async function deliverToWebhooks(
  db: Db,
  { id, type, video_id }: { id: string; type: EventType; video_id: string },
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
