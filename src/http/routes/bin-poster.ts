import { notFound } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { getBinnedRow } from '../../videos/catalogue/bin-list.ts'
import { sendMedia } from '../media-response.ts'
import type { TypedApp } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import { findArtifactFile } from './media-files.ts'

export interface StoredFileDeps {
  readonly db: Db
  readonly storage: ObjectStorage
  readonly accelRedirect: string | undefined
  /** Whether clients are redirected to the storage. */
  readonly redirects: boolean
}

/** `GET /videos/bin/{id}/poster`: the only file of a video in the bin that a client can get. */
export function binPosterRoute(
  app: TypedApp,
  { db, storage, accelRedirect, redirects }: StoredFileDeps,
): void {
  const find = findArtifactFile(db, ['poster_small', 'poster'], 'inline', 'The poster')
  app.get(
    '/videos/bin/:id/poster',
    {
      config: { access: 'read', owned: 'all_videos' },
      schema: {
        tags: ['media'],
        operationId: 'getBinnedPoster',
        summary: 'Get the poster of a video in the bin, in a small size for lists',
        params: byId,
        response: {
          200: {
            description: 'The whole file.',
            content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } },
          },
          302: {
            type: 'null',
            description: 'With `STORAGE_REDIRECT=on`: the file is at the URL in `Location`.',
          },
          304: { type: 'null', description: 'Not modified.' },
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const video = await getBinnedRow(db, request.params.id)
      if (!video) throw notFound('The video in the bin')
      const file = await find(video, reply, request.query as { v?: string })
      return sendMedia(request, reply, { storage, accelRedirect, redirects, ...file })
    },
  )
}
