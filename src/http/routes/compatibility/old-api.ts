import type { FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import { ApiError } from '../../../base/errors.ts'
import { isUuid } from '../../../base/ids.ts'
import type { Schema } from '../../../database/schema.ts'
import { findImported, type Origin } from '../../../uploads/core/old-ids.ts'
import type { UploadStore } from '../../../uploads/core/upload-store.ts'
import type { Recordings } from '../../../uploads/recordings/recordings.ts'
import { canSee } from '../../../videos/catalogue/viewer.ts'
import type { VideoWatcher } from '../../video-watcher.ts'
import type { FileRemovalDeps } from '../video-deletion.ts'

export interface OldApiDeps extends FileRemovalDeps {
  readonly store: UploadStore
  readonly recordings: Recordings
  readonly watcher: VideoWatcher
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
  /** Limit of an upload in bytes. */
  readonly maxSize: number
  readonly accelRedirect: string | undefined
}

/**
 * Finds the resource for an id of the old API: our own id, or the former id of an imported video or recording.
 * @returns our own id. @throws ApiError 404 if the resource does not exist or the caller may not see it.
 */
export async function resolveId(
  db: Kysely<Schema>,
  { access }: Pick<FastifyRequest, 'access'>,
  origin: Origin & ('video' | 'recording'),
  id: string,
): Promise<string> {
  // PostgreSQL rejects NUL.
  const imported = id.includes('\0') ? undefined : await findImported(db, origin, id)
  const found = imported ?? (isUuid(id) ? id.toLowerCase() : undefined)
  if (found === undefined || !(await canSee(db, access, 'uploads', found)))
    throw new ApiError(404, 'not_found', `The ${origin === 'video' ? 'video' : 'session'} was not found.`)
  return found
}

/** The path parameter `id`. `resolveId` checks it, because the old API responds to a malformed id with 404. */
export const byOldId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      maxLength: 255,
      description: 'The id of the video, or the former id of an imported video.',
      examples: ['17', '01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'],
    },
  },
} as const
