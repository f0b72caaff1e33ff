import { ApiError } from '../../base/errors.ts'

export function uploadNotFound(): ApiError {
  return new ApiError(404, 'not_found', 'The upload was not found.')
}

export function uploadExpired(): ApiError {
  return new ApiError(410, 'gone', 'The upload has expired.')
}

/** For a finished upload: it is a video, and `DELETE /videos/{id}` removes it. */
export function uploadFinished(): ApiError {
  return new ApiError(400, 'bad_request', 'The upload is finished: delete the video instead.')
}

export function lengthDeclared(): ApiError {
  return new ApiError(400, 'inconsistent_length', 'The upload has a length already.', 'Upload-Length')
}

const BODY_TOO_LARGE = 'payload_too_large'

/** For a body that has more bytes than its upload or chunk may take. */
export function bodyTooLarge(): ApiError {
  return new ApiError(413, BODY_TOO_LARGE, 'The request has more bytes than fit.')
}

export function isBodyTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.code === BODY_TOO_LARGE
}

export function replaced(): ApiError {
  return new ApiError(
    409,
    'offset_conflict',
    'Another request has written to this upload: ask for its offset.',
  )
}

/** @param maxSize bytes. */
export function tooLarge(maxSize: number): ApiError {
  return new ApiError(413, 'too_large', `An upload has at most ${maxSize} bytes.`)
}
