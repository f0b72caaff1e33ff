import { v7 as uuidv7 } from 'uuid'
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
export async function enqueue(db: Db, { type, video_id, request_id = null, owner }: NewEvent): Promise<void> {
  const id = uuidv7()
  const ownerOfVideo = db.selectFrom('videos').select('owner').where('id', '=', video_id)
  await db
    .insertInto('outbox')
    .values({ id, type, video_id, request_id, owner: owner === undefined ? ownerOfVideo : owner })
    .execute()
  await insertDeliveries(db, { id, type, video_id })
}
