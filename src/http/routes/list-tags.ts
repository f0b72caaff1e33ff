import { listTags } from '../../videos/catalogue/tag-list.ts'
import type { FromSchema, TypedApp } from '../schema-types.ts'
import { problems } from '../schemas.ts'
import type { ListVideosDeps } from './list-videos.ts'

const tagList = {
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tag', 'videos'],
        properties: {
          tag: { type: 'string', examples: ['team'] },
          videos: {
            type: 'integer',
            description: 'How many of the newest 1,000 videos have the tag.',
            examples: [12],
          },
        },
      },
    },
  },
} as const

/** `GET /videos/tags` */
export function listTagsRoute(app: TypedApp, { db }: Pick<ListVideosDeps, 'db'>): void {
  app.get(
    '/videos/tags',
    {
      config: { access: 'read' },
      schema: {
        tags: ['videos'],
        operationId: 'listTags',
        summary: 'List tags',
        description: 'At most 100 tags of the newest 1,000 videos. The most frequent tag is first.',
        response: { 200: tagList, ...problems() },
      },
    },
    async ({ access }): Promise<FromSchema<typeof tagList>> => ({ items: await listTags(db, access) }),
  )
}
