import type { IncomingHttpHeaders } from 'node:http'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import type { Signal } from '../../base/signal.ts'
import type { Schema } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { DeleteVideo } from '../../uploads/core/termination.ts'
import { deleteVideo } from '../../videos/catalogue/videos.ts'
import { type ExpectedVersions, expectedVersions } from '../conditional.ts'

export interface DeletionParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  readonly signal: Signal
}

/** The versions of a video that a request may change. Only the part of the entity tag before the dash counts: processing leaves it alone. */
export function seenIn(headers: IncomingHttpHeaders): ExpectedVersions | undefined {
  return expectedVersions(headers, tag => tag.split('-')[0]!)
}

/** Removes the files of deleted videos. The sweeper does it later if that fails here. */
export async function clearAway(
  { db, storage, signal }: DeletionParts,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  signal.emit('events')
  await removeNoted(db, storage).catch(err => log.warn({ err }, 'files are left to be removed'))
}

/**
 * DELETE of an upload that is a video: with the rights, conditions and effects of `DELETE /videos/{id}`. The guard has checked scope and
 * owner.
 */
export function deletionByUpload(parts: DeletionParts, log: Logger): DeleteVideo {
  return async (id, { context, headers }) => {
    if (context.link)
      throw new ApiError(
        403,
        'upload_finished',
        'The upload is a video now, and its link cannot delete videos: use a key and DELETE /videos/{id}.',
      )
    await deleteVideo(parts.db, id, context.requestId, seenIn(headers))
    await clearAway(parts, log)
  }
}
