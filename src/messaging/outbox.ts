import { v7 as uuidv7 } from 'uuid'
import type { Db, EventType } from '../database/schema.ts'

export interface NewEvent {
  readonly type: EventType
  readonly video_id: string
  /** Of the HTTP request that the event goes back to. */
  readonly request_id?: string | null
}

/**
 * Notes an event for the relay, to be called in the transaction that makes it true: either both are committed or neither.
 * The relay sends it within its interval, or at once where the caller wakes it after the commit.
 */
export async function enqueue(db: Db, { type, video_id, request_id = null }: NewEvent): Promise<void> {
  await db.insertInto('outbox').values({ id: uuidv7(), type, video_id, request_id }).execute()
}
