import type { EventType } from '../database/tables/messaging.ts'
import type { VideoEvent } from './queue.ts'

/** Reads an event of this type from JSON, which any program may have put into the queue. @returns undefined if it is not such an event. */
export function parseEvent(json: string, type: EventType): VideoEvent | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { id, type: found, video_id, time, owner = null } = value as Record<string, unknown>
  if (found !== type) return undefined
  if (typeof id !== 'string' || typeof video_id !== 'string' || typeof time !== 'string') return undefined
  if (owner !== null && typeof owner !== 'string') return undefined
  return { id, type, video_id, owner, time }
}
