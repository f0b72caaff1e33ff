import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../../../access/access.ts'
import { listVideos } from '../../../videos/catalogue/video-list.ts'
import type { OldApiDeps } from './old-api.ts'
import type { OldVideo } from './old-video.ts'
import { responseOf, videoFailures } from './responses.ts'
import { showVideos } from './show-video.ts'

const PAGE_VIDEOS = 100

interface Page {
  readonly videos: readonly OldVideo[]
  readonly nextCursor: string | null
}

/** `GET /api/videos` */
export function oldListRoute(app: FastifyInstance, deps: OldApiDeps): void {
  app.get(
    '/videos',
    {
      config: { access: 'read' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldListVideos',
        summary: 'List all videos, the newest first',
        response: {
          200: {
            description: 'All videos.',
            ...responseOf('Videos.', { type: 'array', items: { $ref: 'OldVideo#' } }),
          },
          ...videoFailures(),
        },
      },
    },
    async ({ access }, reply) => {
      // Read before the response begins, so that an error can set the status.
      const first = await pageAfter(deps, access)
      reply.headers({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'private, no-cache',
      })
      return reply.send(Readable.from(listText(first, cursor => pageAfter(deps, access, cursor))))
    },
  )
}

async function pageAfter(deps: OldApiDeps, access: Access, cursor?: string): Promise<Page> {
  const query = { limit: PAGE_VIDEOS, ...(cursor !== undefined && { cursor }) }
  const { items, nextCursor } = await listVideos(deps.db, access, query)
  return { videos: await showVideos(deps, items), nextCursor }
}

/** The old API has no pages. The list is read page by page, so that a large catalogue does not fill the memory. */
async function* listText(first: Page, pageAfter: (cursor: string) => Promise<Page>): AsyncGenerator<string> {
  yield '{"status":"success","message":"Videos.","data":['
  let page = first
  let separator = ''
  for (;;) {
    for (const video of page.videos) {
      yield separator + JSON.stringify(video)
      separator = ','
    }
    if (page.nextCursor === null) break
    page = await pageAfter(page.nextCursor)
  }
  yield ']}'
}
