import type { ListedVideo } from '../../videos/catalogue/video-list.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'
import { videoSchema } from './video-schema.ts'
import { viewVideo } from './video-view.ts'

const momentSchema = {
  type: 'object',
  required: ['start', 'end', 'snippet', 'link'],
  properties: {
    start: { type: 'number', description: 'Seconds.', examples: [12.3] },
    end: { type: 'number', description: 'Seconds.', examples: [15] },
    snippet: {
      type: 'array',
      description: 'The words around it as plain text, in parts; `hit` marks the search terms.',
      items: {
        type: 'object',
        required: ['text', 'hit'],
        properties: { text: { type: 'string' }, hit: { type: 'boolean' } },
      },
    },
    link: { type: 'string', description: 'Plays from there (a Media Fragments URI).' },
  },
} as const

/** A video in a list. */
export const listedVideoSchema = {
  ...videoSchema,
  $id: 'ListedVideo',
  required: namesOf({ ...videoSchema.properties, moments: {} }),
  properties: {
    ...videoSchema.properties,
    moments: {
      type: ['array', 'null'],
      description:
        'Up to five moments at which the words of `q` are said, in order of time; null without `q`.',
      items: momentSchema,
    },
  },
} as const

declare module '../schema-types.ts' {
  interface NamedSchemas {
    ListedVideo: FromSchema<typeof listedVideoSchema>
  }
}

/** @param base the public URL without a trailing slash, or ''. */
export function viewListed(video: ListedVideo, base: string): FromSchema<typeof listedVideoSchema> {
  const view = viewVideo(video, base)
  const moments = video.moments?.map(({ start, end, snippet }) => ({
    start,
    end,
    snippet,
    link: `${view.links.stream}#t=${Math.round(start * 1000) / 1000}`,
  }))
  return { ...view, moments: moments ?? null }
}
