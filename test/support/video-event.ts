import { v7 as uuidv7 } from 'uuid'
import type { EventType } from '../../src/database/tables/messaging.ts'
import type { VideoEvent } from '../../src/messaging/queue.ts'

/** A new event about a new video. */
export function videoEvent(type: EventType = 'video.uploaded'): VideoEvent {
  return { id: uuidv7(), type, video_id: uuidv7(), owner: 'someone', time: new Date().toISOString() }
}
