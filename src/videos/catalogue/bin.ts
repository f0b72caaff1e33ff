import { type RawBuilder, type Selectable, sql } from 'kysely'
import { notFound } from '../../base/errors.ts'
import type { ExpectedVersions } from '../../base/expected-versions.ts'
import type { Db } from '../../database/schema.ts'
import type { AllVideosTable } from '../../database/tables/videos.ts'
import { enqueue } from '../../messaging/outbox.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { CHANGED } from '../changed.ts'
import { resumeSteps, stopSteps } from '../pipeline/stopped-steps.ts'
import { refreshSearch } from '../search/search-index.ts'
import { deleteVideo, requireExpected } from './edit-video.ts'

/*
 * A video in the bin has `binned_at`, and the row of its upload has `binned`. The views `videos` and `uploads` omit both rows, so only the
 * bin, the quota, the checks of stored files and the removal see the video. Its files are not moved.
 */

export const DAY_S = 86_400

export type BinnedVideo = Selectable<AllVideosTable> & { readonly binned_at: Date; readonly size: number }

/**
 * Moves a video whose upload is finished to the bin. Processing stops.
 * @throws ApiError 404 if there is no such video, UnexpectedVersion.
 */
export async function binVideo(
  db: Db,
  id: string,
  requestId: string | null,
  expected?: ExpectedVersions,
): Promise<void> {
  await db.transaction().execute(async trx => {
    await requireExpected(trx, id, expected)
    const video = await trx
      .updateTable('all_videos')
      .set({ binned_at: sql<Date>`now()`, ...CHANGED })
      .where('id', '=', id)
      .where('binned_at', 'is', null)
      .where('status', '<>', 'uploading')
      .returning('owner')
      .executeTakeFirst()
    if (!video) throw notFound('The video')
    await trx.updateTable('all_uploads').set({ binned: true }).where('id', '=', id).execute()
    await stopSteps(trx, id)
    await trx.deleteFrom('video_search').where('video_id', '=', id).execute()
    const { owner } = video
    await enqueue(trx, { type: 'video.deleted', video_id: id, owner, request_id: requestId })
  })
}

/**
 * Moves a video whose upload is finished to the bin, or deletes it permanently if the bin is disabled.
 * @param binDays days for which it can be restored; 0 if the bin is disabled.
 * @throws ApiError 404 if there is no such video, UnexpectedVersion.
 */
export async function discardVideo(
  db: Db,
  id: string,
  { binDays, requestId, expected }: Discarding,
): Promise<void> {
  const discard = binDays > 0 ? binVideo : deleteVideo
  await discard(db, id, requestId, expected)
}

interface Discarding {
  readonly binDays: number
  readonly requestId: string
  readonly expected?: ExpectedVersions | undefined
}

/**
 * Restores a video from the bin. Its steps continue. Does nothing if the video is not in the bin.
 * @throws ApiError 404 if there is no such video, UnexpectedVersion.
 */
export async function restoreVideo(
  db: Db,
  id: string,
  requestId: string | null,
  expected?: ExpectedVersions,
): Promise<void> {
  await db.transaction().execute(async trx => {
    await requireExpected(trx, id, expected, 'all_videos')
    const restored = await trx
      .updateTable('all_videos')
      .set({ binned_at: null, ...CHANGED })
      .where('id', '=', id)
      .where('binned_at', 'is not', null)
      .returning('id')
      .executeTakeFirst()
    if (!restored) return requireLive(trx, id)
    await trx.updateTable('all_uploads').set({ binned: false }).where('id', '=', id).execute()
    await resumeSteps(trx, id)
    await refreshSearch(trx, id)
    await enqueue(trx, { type: 'video.restored', video_id: id, request_id: requestId })
  })
}

async function requireLive(db: Db, id: string): Promise<void> {
  const video = await db.selectFrom('videos').select('id').where('id', '=', id).executeTakeFirst()
  if (!video) throw notFound('The video')
}

/**
 * Permanently deletes videos in the bin, the oldest deletions first, with all rows about them, and records their files for removal. The
 * event `video.deleted` was sent when they were moved to the bin.
 * @param which a condition on `all_videos`. @returns the number of deleted videos, at most `limit`.
 */
export async function deleteBinned(db: Db, which: RawBuilder<boolean>, limit: number): Promise<number> {
  return db.transaction().execute(async trx => {
    // A locked video is being restored, or another process is deleting it.
    const due = await trx
      .selectFrom('all_videos')
      .select(['id', 'storage_key'])
      .where('binned_at', 'is not', null)
      .where(which)
      .orderBy('binned_at')
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute()
    if (due.length === 0) return 0
    const ids = due.map(({ id }) => id)
    await trx.deleteFrom('all_videos').where('id', 'in', ids).execute()
    await trx.deleteFrom('all_uploads').where('id', 'in', ids).execute()
    await noteRemoval(trx, ...due.flatMap(({ id, storage_key }) => [storage_key!, `artifacts/${id}/`]))
    return due.length
  })
}
