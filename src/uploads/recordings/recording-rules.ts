import { ApiError, DetailedError } from '../../base/errors.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { ChunkRow, RecordingRow } from './recording-rows.ts'

/** Maximum size of a chunk. */
export const MAX_CHUNK_BYTES = 64 * 1024 * 1024
/** Chunks are accepted this far ahead of the first missing chunk: in numbers, and in bytes of all waiting chunks together. */
export const WINDOW_CHUNKS = 256
export const WINDOW_BYTES = 256 * 1024 * 1024
/** Enough for a little more than a day of chunks of one second each. */
export const MAX_CHUNKS = 100_000

/** The first chunks may have any size. The mean size of all others must be `MIN_MEAN_BYTES`, because each chunk needs a row. */
const FREE_CHUNKS = 1000
const MIN_MEAN_BYTES = 64

/** The rows of a recording. */
export interface RecordingState {
  readonly upload: UploadRow
  readonly recording: RecordingRow
  /** The chunks that are not yet joined to the upload, by number. */
  readonly waiting: readonly ChunkRow[]
}

/** Bytes of all chunks that are stored, joined or not. */
export function bytesOf({ upload, waiting }: RecordingState): number {
  return waiting.reduce((sum, chunk) => sum + chunk.size, upload.offset)
}

/** The number after the highest number that was received. */
export function endOf({ recording, waiting }: RecordingState): number {
  return (waiting.at(-1)?.number ?? recording.next - 1) + 1
}

/** The numbers of missing chunks, below the highest number that was received, or below `count` if it is known. */
export function missingNumbers({ recording, waiting }: RecordingState, count?: number): number[] {
  const end = count ?? (waiting.at(-1)?.number ?? -1) + 1
  const present = new Set(waiting.map(chunk => chunk.number))
  const all = Array.from({ length: Math.max(0, end - recording.next) }, (_, index) => recording.next + index)
  return all.filter(number => !present.has(number))
}

/** @throws ApiError 409 if the recording is closed, 410 if it was abandoned for too long. */
export function requireOpen({ upload, recording }: RecordingState, hasExpired: boolean): void {
  if (upload.finished_at || recording.closed_at)
    throw new ApiError(409, 'recording_closed', 'The recording is closed and accepts no more chunks.')
  if (hasExpired)
    throw new ApiError(
      410,
      'recording_expired',
      'The recording had no new chunks for too long and has expired.',
    )
}

/**
 * Checks whether the recording takes another chunk of `size` bytes.
 * @throws DetailedError 409 with the missing numbers if too many chunks wait for them; ApiError 413 if the recording would be too large.
 */
export function requirePlace(state: RecordingState, number: number, size: number, maxSize: number): void {
  const { upload, recording, waiting } = state
  const total = bytesOf(state) + size
  if (total > Math.min(maxSize, upload.length ?? maxSize))
    throw new ApiError(413, 'too_large', 'The recording would exceed its maximum size.')
  if (number > FREE_CHUNKS + total / MIN_MEAN_BYTES)
    throw new ApiError(
      413,
      'chunks_too_small',
      `The recording has too many small chunks. After the first ${FREE_CHUNKS}, chunks must have at least ${MIN_MEAN_BYTES} bytes on average.`,
    )
  if (number === recording.next) return
  const waits = total - upload.offset
  if (number < recording.next + WINDOW_CHUNKS && waits <= WINDOW_BYTES) return
  throw new DetailedError(
    409,
    'window_exceeded',
    waiting.length === 0
      ? `Chunk ${recording.next} is missing. At most ${WINDOW_CHUNKS - 1} chunks after a missing chunk are accepted.`
      : 'Too many chunks wait for missing chunks. Send the missing chunks first.',
    { next: recording.next, missing: truncatedForDisplay(missingNumbers(state, number)) },
  )
}

/** The missing numbers to show in a response: at most as many as the window has. */
export function truncatedForDisplay(numbers: readonly number[]): number[] {
  return numbers.slice(0, WINDOW_CHUNKS)
}

/**
 * Checks whether an open recording can be closed.
 * @returns whether it will be incomplete.
 * @throws DetailedError 409 if chunks are missing and gaps are not allowed; ApiError 400 if `count` is too low, 409 if there are no bytes.
 */
export function requireClosable(
  state: RecordingState,
  count: number | undefined,
  allowGaps: boolean,
): boolean {
  const { upload } = state
  const end = endOf(state)
  if (count !== undefined && count < end)
    throw new ApiError(
      400,
      'invalid_request',
      `chunks must be at least ${end}, the number of chunks that were sent.`,
      'chunks',
    )
  const missing = missingNumbers(state, count)
  if (missing.length > 0 && !allowGaps) {
    throw new DetailedError(409, 'chunks_missing', `${missing.length} chunks are missing.`, {
      next: state.recording.next,
      missing: truncatedForDisplay(missing),
    })
  }
  const bytes = bytesOf(state)
  if (bytes === 0)
    throw new ApiError(
      409,
      'recording_empty',
      'The recording is empty. Send a chunk first, or delete the recording.',
    )
  const short = upload.length !== null && upload.length !== bytes
  if (short && !allowGaps)
    throw new ApiError(
      409,
      'bytes_missing',
      `The recording has only ${bytes} of its ${upload.length} declared bytes.`,
    )
  return missing.length > 0 || short
}

/** @throws ApiError 409 if a repeated chunk has other bytes. */
export function requireSame({ number, sha256 }: ChunkRow, found: string): void {
  if (sha256 === found) return
  throw new ApiError(409, 'chunk_conflict', `Chunk ${number} was already sent with different bytes.`)
}
