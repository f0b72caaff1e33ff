import type { Db } from '../../database/schema.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { uploadExpired, uploadNotFound } from './upload-errors.ts'
import type { UploadRequest } from './upload-request.ts'
import type { UploadStore } from './upload-store.ts'

/** Deletes the video of a finished upload. @throws ApiError 403 if the request has no permission, 404, 412 */
export type DeleteVideo = (id: string, request: UploadRequest) => Promise<void>

export interface TerminationDeps {
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly deleteVideo: DeleteVideo
}

export interface UnfinishedDeps {
  readonly store: UploadStore
  readonly locks: UploadLocks
}

/**
 * Removes the unfinished upload of a video that is being deleted, and stops its writer.
 * @param require called first in the transaction that removes the upload; it may throw.
 * @returns false if the upload is finished or gone. @throws ApiError 423 if its writer does not stop.
 */
export async function terminateUnfinished(
  { store, locks }: UnfinishedDeps,
  id: string,
  require: (trx: Db) => Promise<void>,
): Promise<boolean> {
  return locks.run(id, () => store.removeUnfinished(id, require), { reason: 'deletion' })
}

/**
 * Deletes an upload for either protocol, and stops its writer. tus 1.0.0, Termination: "the Server MUST free associated resources and MUST
 * respond with the 204 No Content status". This includes uploads that are finished and uploads whose bytes were lost.
 * @throws ApiError 404, 410, 423 and the errors of `DeleteVideo`.
 */
export async function terminateUpload(
  { store, locks, deleteVideo }: TerminationDeps,
  request: UploadRequest,
  signal: AbortSignal,
): Promise<void> {
  const { id } = request
  if (!id) throw uploadNotFound()
  await locks.run(
    id,
    async () => {
      // `open` would also check the bytes, which fails if they are lost or the disk is full.
      const row = await store.peek(id)
      if (!row) throw uploadNotFound()
      if (!row.finished_at && store.hasExpired(row)) throw uploadExpired()
      if (row.finished_at && row.concat !== 'partial') await deleteVideo(id, request)
      else await store.remove(id)
    },
    { signal, reason: 'deletion' },
  )
}
