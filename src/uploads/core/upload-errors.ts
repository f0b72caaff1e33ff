import { ApiError } from '../../base/errors.ts'

export function replaced(): ApiError {
  return new ApiError(
    409,
    'offset_conflict',
    'Another request has written to this upload: ask for its offset.',
  )
}

/** For a writer whose upload another request has taken over. */
export function takenOver(): ApiError {
  return new ApiError(
    423,
    'upload_locked',
    'Another request writes to this upload now: ask for the offset and go on from there.',
  )
}

/** For a writer whose upload another request removes. */
export function deleted(): ApiError {
  return new ApiError(410, 'gone', 'The upload was deleted.')
}

/** For requests that the end of this process cuts off. What came of them is kept where the protocol can resume. */
export function stopping(): ApiError {
  return new ApiError(503, 'stopping', 'The service stops now: try again, it will be back.')
}

export function damaged(): ApiError {
  return new ApiError(410, 'upload_damaged', 'Bytes of this upload were lost on the server: begin again.')
}

/** @param maxSize bytes. */
export function tooLarge(maxSize: number): ApiError {
  return new ApiError(413, 'too_large', `An upload has at most ${maxSize} bytes.`)
}
