import type { IncomingMessage } from 'node:http'
import { type CancellationContext, ERRORS } from '@tus/utils'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { locked } from '../tus/tus-request.ts'
import type { UploadStore } from './upload-store.ts'

/** Deletes the video that an upload has become, if the sender of the request may do that. @throws ApiError 403, 404, 412 */
export type DeleteVideo = (id: string, request: IncomingMessage, requestId: string) => Promise<void>

export interface TerminationParts {
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly deleteVideo: DeleteVideo
}

/**
 * DELETE over either protocol. It ends the upload's writer. tus 1.0.0, Termination: "the Server MUST free associated resources and MUST
 * respond with the 204 No Content status", also for an upload that is finished, or whose bytes were lost.
 * @throws ApiError 423 and what `DeleteVideo` does; 404, 410
 */
export async function terminateUpload(
  { store, locks, deleteVideo }: TerminationParts,
  { id, request, requestId }: { id: string; request: IncomingMessage; requestId: string },
  context: CancellationContext,
): Promise<void> {
  await locked(
    locks,
    id,
    context,
    async () => {
      // The row as it stands: to bring it in line with its bytes could fail, for bytes that are lost or on a full disk.
      const row = await store.peek(id)
      if (!row) throw ERRORS.FILE_NOT_FOUND
      if (!row.finished_at && store.hasExpired(row)) throw ERRORS.FILE_NO_LONGER_EXISTS
      if (row.finished_at && row.concat !== 'partial') await deleteVideo(id, request, requestId)
      else await store.remove(id)
    },
    'deletion',
  )
}
