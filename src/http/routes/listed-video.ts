import type { ListedVideo } from '../../videos/catalogue/video-list.ts'
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
      description: 'What is said there, as plain text in pieces; `hit` marks what was looked for.',
      items: {
        type: 'object',
        required: ['text', 'hit'],
        properties: { text: { type: 'string' }, hit: { type: 'boolean' } },
      },
    },
    link: { type: 'string', description: 'Plays from there (Media Fragments).' },
  },
} as const

/** A video as a list shows it. */
export const listedVideoSchema = {
  ...videoSchema,
  $id: 'ListedVideo',
  required: [...videoSchema.required, 'moments'],
  properties: {
    ...videoSchema.properties,
    moments: {
      type: ['array', 'null'],
      description: 'Where the words of `q` are said, up to five in the order of time; null without `q`.',
      items: momentSchema,
    },
  },
} as const

/** @param base the public URL without a trailing slash, or ''. */
export function viewListed(video: ListedVideo, base: string) {
  const view = viewVideo(video, base)
  const moments = video.moments?.map(({ start, end, snippet }) => ({
    start,
    end,
    snippet,
    link: `${view.links.stream}#t=${Math.round(start * 1000) / 1000}`,
  }))
  return { ...view, moments: moments ?? null }
}
