import type { Db } from '../../database/schema.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { uploadExpired, uploadNotFound } from './upload-errors.ts'
import type { UploadRequest } from './upload-request.ts'
import type { UploadStore } from './upload-store.ts'

/** Deletes the video that an upload has become, if the request may do that. @throws ApiError 403, 404, 412 */
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
 * Ends the upload of a video that is deleted, and its writer. @param require called first in the transaction that removes it.
 * @returns false if the upload is finished or gone. @throws what `require` does; ApiError 423 if its writer does not let go.
 */
export async function terminateUnfinished(
  { store, locks }: UnfinishedDeps,
  id: string,
  require: (trx: Db) => Promise<void>,
): Promise<boolean> {
  return locks.run(id, () => store.removeUnfinished(id, require), { reason: 'deletion' })
}

/**
 * DELETE over either protocol. It ends the upload's writer. tus 1.0.0, Termination: "the Server MUST free associated resources and MUST
 * respond with the 204 No Content status", also for an upload that is finished, or whose bytes were lost.
 * @throws ApiError 404, 410, 423 and what `DeleteVideo` throws.
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
      // Not `open`, which reads the bytes too: that fails if they are lost or the disk is full.
      const row = await store.peek(id)
      if (!row) throw uploadNotFound()
      if (!row.finished_at && store.hasExpired(row)) throw uploadExpired()
      if (row.finished_at && row.concat !== 'partial') await deleteVideo(id, request)
      else await store.remove(id)
    },
    { signal, reason: 'deletion' },
  )
}
