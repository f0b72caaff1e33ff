import { ApiError } from '../errors.ts'

export function replaced(): ApiError {
  return new ApiError(
    409,
    'offset_conflict',
    'Another request has written to this upload: ask for its offset.',
  )
}

export function damaged(): ApiError {
  return new ApiError(410, 'upload_damaged', 'Bytes of this upload were lost on the server: begin again.')
}

/** @param maxSize bytes. */
export function tooLarge(maxSize: number): ApiError {
  return new ApiError(413, 'too_large', `An upload has at most ${maxSize} bytes.`)
}
