import { ApiError } from '../../base/errors.ts'
import type { ReleaseReason } from './upload-locks.ts'

/** The error for a writer that released its lock before all its bytes came. Its bytes so far are stored. */
export function releaseError(reason: ReleaseReason | undefined): ApiError {
  switch (reason) {
    case 'deletion':
      return new ApiError(410, 'gone', 'The upload was deleted.')
    case 'stop':
      return stopping()
    default:
      return takenOver()
  }
}

/** For a writer whose upload another request has taken over. */
export function takenOver(): ApiError {
  return new ApiError(
    423,
    'upload_locked',
    'Another request writes to this upload now: ask for the offset and continue there.',
  )
}

/** For a request that waited in vain for a lock. */
export function stillLocked(): ApiError {
  return new ApiError(423, 'upload_locked', 'Another request is writing to this upload: try again.')
}

/** For requests that the end of this process cuts off. Their bytes so far are kept if the protocol can resume. */
export function stopping(): ApiError {
  return new ApiError(503, 'stopping', 'The service is stopping: try again soon.')
}
