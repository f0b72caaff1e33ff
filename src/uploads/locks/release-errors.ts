import { ApiError } from '../../base/errors.ts'
import type { ReleaseReason } from './upload-locks.ts'

/** The error for a writer that released its lock before it received all bytes. The bytes received so far are stored. */
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

/** The error for a writer whose upload another request has taken over. */
export function takenOver(): ApiError {
  return new ApiError(
    423,
    'upload_locked',
    'Another request is now writing to this upload. Request the offset and continue there.',
  )
}

/** The error for a request that did not get the lock in time. */
export function stillLocked(): ApiError {
  return new ApiError(423, 'upload_locked', 'Another request is writing to this upload. Try again.')
}

/** The error for requests that are cut off because this process is stopping. The bytes received so far are kept if the client can resume. */
export function stopping(): ApiError {
  return new ApiError(503, 'stopping', 'The service is stopping. Try again soon.')
}
