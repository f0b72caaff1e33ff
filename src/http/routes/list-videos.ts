import type { Kysely } from 'kysely'
import type { ShareCounts } from '../../access/share-counts.ts'
import { ApiError } from '../../base/errors.ts'
import { MAX_TAG_LENGTH } from '../../base/limits.ts'
import { validateText } from '../../base/texts.ts'
import type { Schema } from '../../database/schema.ts'
import { VIDEO_STATUSES, type VideoStatus } from '../../database/tables/videos.ts'
import { SORTS } from '../../videos/catalogue/list-query.ts'
import { listVideos } from '../../videos/catalogue/video-list.ts'
import type { FromSchema, TypedApp } from '../schema-types.ts'
import { pageCursor, pageLimit, problems } from '../schemas.ts'
import { viewListed } from './listed-video.ts'
import { SHARES, Shares } from './shares.ts'

const MAX_QUERY_LENGTH = 500

const listQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: pageLimit('videos'),
    cursor: pageCursor,
    sort: {
      type: 'string',
      enum: SORTS,
      description:
        'A leading `-` sorts in descending order. Default: with `q` the best match first, otherwise the latest video first.',
    },
    transcript: {
      type: 'boolean',
      default: true,
      description:
        'With `false`, the transcripts are null. Those of a page of long videos can have several megabytes.',
    },
    count: {
      type: 'boolean',
      default: false,
      description: 'Whether the response has the number of videos on all pages.',
    },
    status: {
      type: 'array',
      // The values are separated by commas in the URL.
      style: 'form',
      explode: false,
      minItems: 1,
      maxItems: 10,
      items: { type: 'string', enum: VIDEO_STATUSES },
      description:
        'Videos with one of these statuses, separated by commas. Default: all statuses except `uploading`.',
      examples: [['uploading', 'processing']],
    },
    needs_attention: {
      type: 'boolean',
      default: false,
      description:
        'With `true`, only videos that failed, and videos that are ready although a step failed, such as the transcription.',
    },
    tag: { type: 'string', minLength: 1, maxLength: MAX_TAG_LENGTH, description: 'Videos with this tag.' },
    created_after: {
      type: 'string',
      format: 'date-time',
      description: 'Videos whose upload was finished after this time.',
      examples: ['2026-01-31T12:00:00Z'],
    },
    created_before: {
      type: 'string',
      format: 'date-time',
      description: 'Videos whose upload was finished before this time.',
      examples: ['2026-01-31T12:00:00Z'],
    },
    q: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_QUERY_LENGTH,
      description:
        'Words that must all occur in the title, the description or the transcript. Also `"a phrase"`, `-excluded`, `or`, and `prefix*` with at ' +
        'least three letters. Words with the same stem in the language of the video match too. If more than 400 videos match, the response ' +
        'contains the newest 400, and up to 200 more that match by title and description.',
    },
  },
} as const

const videoCount = {
  type: ['object', 'null'],
  required: ['videos', 'more'],
  description: 'The number of videos on all pages; null without `count=true`.',
  properties: {
    videos: {
      type: 'integer',
      description: 'At most 1,000, or with `q` the number of videos that the search found.',
      examples: [48],
    },
    more: { type: 'boolean', description: 'Whether there are more videos than `videos`.', examples: [false] },
  },
} as const

const videoList = {
  type: 'object',
  required: ['items', 'next_cursor', 'count'],
  properties: {
    items: { type: 'array', items: { $ref: 'ListedVideo#' } },
    next_cursor: {
      type: ['string', 'null'],
      description: 'The `cursor` of the next page; null on the last page.',
    },
    count: videoCount,
  },
} as const

export interface ListVideosDeps {
  readonly db: Kysely<Schema>
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
  readonly shareCounts: ShareCounts
}

/** `GET /videos` */
export function listVideosRoute(app: TypedApp, { db, base, shareCounts }: ListVideosDeps): void {
  const searches = new Shares(SHARES.searches, shareCounts)
  app.get(
    '/videos',
    {
      config: { access: 'read' },
      preValidation: async ({ query }) => {
        if (query.status !== undefined) query.status = splitList(query.status)
      },
      schema: {
        tags: ['videos'],
        operationId: 'listVideos',
        summary: 'List and search videos',
        querystring: listQuery,
        response: { 200: videoList, ...problems(400, 429) },
      },
    },
    async (request, reply): Promise<FromSchema<typeof videoList>> => {
      const { query } = request
      if (query.q !== undefined) await searches.take(request, reply)
      for (const name of ['q', 'tag'] as const) validateText(name, query[name] ?? '', MAX_QUERY_LENGTH)
      for (const name of ['created_after', 'created_before'] as const) requireTime(name, query[name])
      const { items, nextCursor, count } = await listVideos(db, request.access, query)
      const views = items.map(video => viewListed(video, base))
      return {
        items: query.transcript ? views : views.map(view => ({ ...view, transcript: null })),
        next_cursor: nextCursor,
        count: count ?? null,
      }
    },
  )
}

/** Rejects times that PostgreSQL does not accept, such as year 0. The schema has checked the format. @throws ApiError 400 */
function requireTime(name: string, value: string | undefined): void {
  if (value === undefined) return
  const year = new Date(value).getUTCFullYear()
  if (!(year >= 1 && year <= 9999) || value.startsWith('0000'))
    throw new ApiError(400, 'invalid_request', `${name} must be a time in the years 1 to 9999.`, name)
}

/** The items of a list in a URL: `?status=ready,failed` or `?status=ready&status=failed`. */
function splitList(value: unknown): VideoStatus[] {
  return [value].flat().flatMap(text => String(text).split(',')) as VideoStatus[]
}
