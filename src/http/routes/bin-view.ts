import { VIDEO_STATUSES } from '../../database/tables/videos.ts'
import { artifactVersion } from '../../videos/catalogue/artifacts.ts'
import type { ListedBinnedVideo } from '../../videos/catalogue/bin-list.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'
import { nullable } from '../schemas.ts'

const time = { type: 'string', format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] } as const

const linkProperties = {
  self: { type: 'string', description: '`DELETE` with `?permanent=true` deletes the video permanently.' },
  restore: { type: 'string', description: '`POST` restores the video.' },
  poster_small: {
    ...nullable('string'),
    description: 'The poster, at most 480 pixels wide; null if the video has none.',
  },
} as const

const properties = {
  id: { type: 'string', format: 'uuid', examples: ['019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'] },
  title: { type: 'string', examples: ['Team meeting'] },
  description: { type: 'string' },
  status: { type: 'string', enum: VIDEO_STATUSES, examples: ['ready'] },
  filename: { type: ['string', 'null'], examples: ['meeting.mp4'] },
  tags: { type: 'array', items: { type: 'string' }, examples: [['team', 'weekly']] },
  size: { type: 'integer', description: 'Size of the source in bytes.', examples: [1048576] },
  duration: { type: ['number', 'null'], description: 'Duration in seconds.', examples: [61.5] },
  created_at: { ...time, description: 'Time at which the upload was finished.' },
  deleted_at: { ...time, description: 'Time at which the video was moved to the bin.' },
  permanent_at: {
    ...time,
    description: 'The service deletes the video permanently after this time.',
    examples: ['2026-03-02T12:00:00.000Z'],
  },
  links: {
    type: 'object',
    required: namesOf(linkProperties),
    properties: linkProperties,
  },
} as const

const binnedVideo = { type: 'object', required: namesOf(properties), properties } as const

export const binListSchema = {
  type: 'object',
  required: ['items', 'next_cursor', 'videos', 'bytes'],
  properties: {
    items: { type: 'array', items: binnedVideo },
    next_cursor: {
      type: ['string', 'null'],
      description: 'The `cursor` of the next page; null on the last page.',
    },
    videos: { type: 'integer', description: 'Number of videos in the bin.', examples: [3] },
    bytes: { type: 'integer', description: 'Total size of their sources in bytes.', examples: [3145728] },
  },
} as const

/** A video in the bin, as responses show it. @param keptS seconds that a video stays in the bin. */
export function viewBinned(
  video: ListedBinnedVideo,
  { base, keptS }: { readonly base: string; readonly keptS: number },
): FromSchema<typeof binnedVideo> {
  const { id, title, description, status, filename, tags, size, duration, created_at, binned_at, poster } =
    video
  const self = `${base}/videos/${id}`
  return {
    ...{ id, title, description, status, filename, tags, size, duration },
    created_at: created_at.toISOString(),
    deleted_at: binned_at.toISOString(),
    permanent_at: new Date(binned_at.getTime() + keptS * 1000).toISOString(),
    links: {
      self,
      restore: `${self}/restore`,
      poster_small: poster ? `${base}/videos/bin/${id}/poster?v=${artifactVersion(poster)}` : null,
    },
  }
}
