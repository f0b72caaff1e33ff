import type { ListedVideo } from '../../videos/catalogue/video-list.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'
import { videoSchema } from './video-schema.ts'
import { viewVideo } from './video-view.ts'

const snippetPart = {
  type: 'object',
  required: ['text', 'hit'],
  properties: { text: { type: 'string' }, hit: { type: 'boolean' } },
} as const

const momentSchema = {
  type: 'object',
  required: ['start', 'end', 'snippet', 'link'],
  properties: {
    start: { type: 'number', description: 'Start in seconds.', examples: [12.3] },
    end: { type: 'number', description: 'End in seconds.', examples: [15] },
    snippet: {
      type: 'array',
      description: 'The surrounding text, divided into parts of plain text. `hit` marks the search terms.',
      items: snippetPart,
    },
    link: { type: 'string', description: 'Plays the video from this moment (a Media Fragments URI).' },
  },
} as const

const foundSchema = {
  type: ['object', 'null'],
  required: ['title', 'description'],
  description: 'Where the words of `q` are in the texts about the video; null without `q`.',
  properties: {
    title: { type: 'array', items: snippetPart, description: 'The whole title.' },
    description: {
      type: 'array',
      items: snippetPart,
      description: 'A part of the description; empty if it has none of the words.',
    },
  },
} as const

/** A video in a list. */
export const listedVideoSchema = {
  ...videoSchema,
  $id: 'ListedVideo',
  required: namesOf({ ...videoSchema.properties, moments: {}, found: {} }),
  properties: {
    ...videoSchema.properties,
    moments: {
      type: ['array', 'null'],
      description:
        'Up to five moments at which the words of `q` are spoken, in chronological order; null without `q`.',
      items: momentSchema,
    },
    found: foundSchema,
  },
} as const

declare module '../schema-types.ts' {
  interface NamedSchemas {
    ListedVideo: FromSchema<typeof listedVideoSchema>
  }
}

/** A video of a list, as responses show it. @param base the public URL without a trailing slash, or ''. */
export function viewListed(video: ListedVideo, base: string): FromSchema<typeof listedVideoSchema> {
  const view = viewVideo(video, base)
  const moments = video.moments?.map(({ start, end, snippet }) => ({
    start,
    end,
    snippet,
    link: `${view.links.stream}#t=${Math.round(start * 1000) / 1000}`,
  }))
  return { ...view, moments: moments ?? null, found: video.found ?? null }
}
