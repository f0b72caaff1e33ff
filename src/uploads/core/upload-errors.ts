import { ApiError } from '../../base/errors.ts'

export function uploadNotFound(): ApiError {
  return new ApiError(404, 'not_found', 'The upload was not found.')
}

export function uploadExpired(): ApiError {
  return new ApiError(410, 'gone', 'The upload has expired.')
}

/** A finished upload is a video; `DELETE /videos/{id}` removes it. */
export function uploadFinished(): ApiError {
  return new ApiError(400, 'bad_request', 'The upload is finished. Delete the video instead.')
}

export function lengthDeclared(): ApiError {
  return new ApiError(400, 'inconsistent_length', 'The upload already has a length.', 'Upload-Length')
}

const BODY_TOO_LARGE = 'payload_too_large'

/** The body is longer than its upload or chunk may be. */
export function bodyTooLarge(): ApiError {
  return new ApiError(413, BODY_TOO_LARGE, 'The request body is longer than allowed.')
}

export function isBodyTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.code === BODY_TOO_LARGE
}

export function offsetConflict(): ApiError {
  return new ApiError(
    409,
    'offset_conflict',
    'Another request has written to this upload. Request its offset and continue there.',
  )
}

/** @param maxSize bytes. */
export function tooLarge(maxSize: number): ApiError {
  return new ApiError(413, 'too_large', `The upload exceeds the limit of ${maxSize} bytes.`)
}
