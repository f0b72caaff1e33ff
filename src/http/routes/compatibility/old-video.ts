import type { FastifyRequest } from 'fastify'
import type { Video } from '../../../videos/catalogue/videos.ts'

const properties = {
  id: { type: 'string', description: 'An imported video keeps its old one.', examples: ['17'] },
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
  required: Object.keys(properties),
  properties: { ...properties, id: { type: ['string', 'integer'], examples: [17] } },
} as const

/** A video as the old API showed it. @param id the one that its client knows. */
export function viewOldVideo(video: Video, { id, base }: { id: string; base: string }) {
  return {
    // Their ids were numbers.
    id: /^\d{1,15}$/.test(id) ? Number(id) : id,
    title: video.title,
    description: video.description,
    video_url: `${base}/api/videos/${id}/stream/`,
    transcript: video.transcript?.text ?? null,
    last_played: video.last_played?.toISOString() ?? null,
    created_at: video.created_at.toISOString(),
  }
}

/** Whether a player begins: what follows of the same film are ranges further on. */
export function beginsAtStart({ method, headers: { range } }: FastifyRequest): boolean {
  return method === 'GET' && (range === undefined || /^bytes=0-/.test(range))
}
