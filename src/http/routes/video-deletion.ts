import type { IncomingHttpHeaders } from 'node:http'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { ApiError } from '../../base/errors.ts'
import type { Schema } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import { removeNoted } from '../../objects/removals.ts'
import type { DeleteVideo } from '../../uploads/core/termination.ts'
import { deleteVideo, type Precondition } from '../../videos/catalogue/videos.ts'
import { seenBy } from '../preconditions.ts'

export interface DeletionParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  /** Called after every commit that may have enqueued events. */
  readonly onCommit: () => void
}

/** What a client says that it has seen of a video; undefined if it says nothing (RFC 9110 §13.1.1, §13.1.2). */
export function seenIn(headers: IncomingHttpHeaders): Precondition | undefined {
  const { 'if-match': match, 'if-none-match': none } = headers
  if (match === undefined && none === undefined) return undefined
  const matches = seenBy(match ?? '*')
  // RFC 9110 §13.1.2: compared weakly.
  const excluded = seenBy(none?.replaceAll('W/', '') ?? '')
  return tag => matches(tag) && !excluded(tag)
}

/** Removes the files of deleted videos. The sweeper does it later if that fails here. */
export async function clearAway(
  { db, storage, onCommit }: DeletionParts,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  onCommit()
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
