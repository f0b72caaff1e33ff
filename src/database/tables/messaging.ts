import type { Time } from './columns.ts'

export interface MessagingTables {
  outbox: OutboxTable
}

export const EVENT_TYPES = [
  'video.uploaded',
  'video.probed',
  'video.audio_extracted',
  'video.transcribed',
  'video.ready',
  'video.failed',
  'video.deleted',
  'video.restored',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** A committed event that the queue has not accepted yet. */
export interface OutboxTable {
  id: string
  type: EventType
  video_id: string
  time: Time
  request_id: string | null
  /** Owner of the video. */
  owner: string | null
}
