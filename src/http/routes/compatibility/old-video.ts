import type { Video } from '../../../videos/catalogue/videos.ts'
import { type FromSchema, namesOf } from '../../schema-types.ts'

const properties = {
  // The old ids were numbers.
  id: { type: ['string', 'integer'], description: 'An imported video keeps its old id.', examples: [17] },
  title: { type: 'string', examples: ['Team meeting'] },
  description: { type: 'string' },
  video_url: { type: 'string', examples: ['/api/videos/17/stream/'] },
  transcript: { type: ['string', 'null'], examples: ['Good morning everybody.'] },
  last_played: { type: ['string', 'null'], format: 'date-time' },
  created_at: { type: 'string', format: 'date-time' },
} as const

export const oldVideoSchema = {
  $id: 'OldVideo',
  type: 'object',
  required: namesOf(properties),
  properties,
} as const

export type OldVideo = FromSchema<typeof oldVideoSchema>

/** A video in the format of the old API. @param id the id for its clients. @param base the public URL without a trailing slash, or ''. */
export function viewOldVideo(video: Video, { id, base }: { id: string; base: string }): OldVideo {
  return {
    id: /^\d{1,15}$/.test(id) ? Number(id) : id,
    title: video.title,
    description: video.description,
    video_url: `${base}/api/videos/${id}/stream/`,
    transcript: video.transcript?.text ?? null,
    last_played: video.last_played?.toISOString() ?? null,
    created_at: video.created_at.toISOString(),
  }
}
