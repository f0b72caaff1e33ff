import type { IncomingMessage } from 'node:http'
import type { CancellationContext } from '@tus/utils'
import { locked } from './tus-request.ts'
import type { UploadLocks } from './upload-locks.ts'
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
 * respond with the 204 No Content status", also for an upload that is finished. @throws ApiError 423 and what `DeleteVideo` does; 404, 410
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
      const row = await store.open(id)
      if (row.finished_at && row.concat !== 'partial') await deleteVideo(id, request, requestId)
      else await store.remove(id)
    },
    'deletion',
  )
}
