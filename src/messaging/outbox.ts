import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { prepared } from '../database/prepared.ts'
import type { Db } from '../database/schema.ts'
import type { EventType } from '../database/tables/messaging.ts'
import { insertDeliveries } from './webhook-deliveries.ts'

export interface NewEvent {
  readonly type: EventType
  readonly video_id: string
  /** Id of the HTTP request that caused the event. */
  readonly request_id?: string | null
  /** Owner of the video. Needed only if the video is gone; otherwise it is read from the video. */
  readonly owner?: string | null
}

/**
 * Inserts an event for the queue (sent by the relay) and its deliveries to webhooks (sent by `WebhookSender`). Call it in the transaction of
 * the change that the event reports. Emit the signal `events` after the commit.
 */
export async function enqueue(
  db: Db,
  { type, video_id, request_id = null, owner = null }: NewEvent,
): Promise<void> {
  const id = uuidv7()
  await insertEvent(db, { id, type, video_id, request_id, owner })
  await insertDeliveries(db, { id, type, video_id })
}

const insertEvent = prepared<Required<NewEvent> & { readonly id: string }, never>(
  'insert-event',
  (db, value) =>
    db.insertInto('outbox').values(({ selectFrom }) => ({
      id: value('id'),
      type: value('type'),
      video_id: value('video_id'),
      request_id: value('request_id'),
      owner: sql<
        string | null
      >`coalesce(${value('owner')}, ${selectFrom('videos').select('owner').where('id', '=', value('video_id'))})`,
    })),
)
