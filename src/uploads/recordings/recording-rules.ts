import { ApiError, DetailedError } from '../../base/errors.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { PieceRow, RecordingRow } from './recording-rows.ts'

/** Bytes that one piece may have. */
export const MAX_PIECE = 64 * 1024 * 1024
/** How far ahead of the first missing piece others are taken in: so many numbers, and bytes of all of them together. */
export const WINDOW = 256
export const WINDOW_BYTES = 256 * 1024 * 1024
/** A day of pieces of a second each, and some. */
export const MAX_PIECES = 100_000

/** So many pieces may be of any size; beyond that a recording has `MEAN_BYTES` for each on average, as a piece is a row as well. */
const FREE_PIECES = 1000
const MEAN_BYTES = 64

/** A recording as its rows tell it. */
export interface RecordingState {
  readonly upload: UploadRow
  readonly recording: RecordingRow
  /** Pieces behind the first that is missing, in their order. */
  readonly waiting: readonly PieceRow[]
}

/** Bytes that are durable, joined or not. */
export function bytesOf({ upload, waiting }: RecordingState): number {
  return waiting.reduce((sum, piece) => sum + piece.size, upload.offset)
}

/** The number behind the highest that came. */
export function endOf({ recording, waiting }: RecordingState): number {
  return (waiting.at(-1)?.number ?? recording.next - 1) + 1
}

/** Numbers of the pieces that did not come: all below the highest that did, or below `count` where that is told. */
export function missingNumbers({ recording, waiting }: RecordingState, count?: number): number[] {
  const end = count ?? (waiting.at(-1)?.number ?? -1) + 1
  const present = new Set(waiting.map(piece => piece.number))
  const all = Array.from({ length: Math.max(0, end - recording.next) }, (_, index) => recording.next + index)
  return all.filter(number => !present.has(number))
}

/** @throws ApiError 409 for a recording that takes no more pieces, 410 for one that nobody went on with in time. */
export function requireOpen({ upload, recording }: RecordingState, hasExpired: boolean): void {
  if (upload.finished_at || recording.closed_at)
    throw new ApiError(409, 'recording_closed', 'The recording is closed: it takes no more chunks.')
  if (hasExpired)
    throw new ApiError(410, 'recording_expired', 'Nobody went on with this recording for too long.')
}

/**
 * Whether there is a place for another piece of `size` bytes.
 * @throws DetailedError 409 with the missing numbers where too much waits for them; ApiError 413 where the recording would be too large.
 */
export function requirePlace(state: RecordingState, number: number, size: number, maxSize: number): void {
  const { upload, recording, waiting } = state
  const total = bytesOf(state) + size
  if (total > Math.min(maxSize, upload.length ?? maxSize))
    throw new ApiError(413, 'too_large', 'The recording would be larger than it may be.')
  if (number > FREE_PIECES + total / MEAN_BYTES)
    throw new ApiError(
      413,
      'chunks_too_small',
      `The recording has too many small chunks: behind the first ${FREE_PIECES}, they need ${MEAN_BYTES} bytes on average.`,
    )
  if (number === recording.next) return
  const waits = total - upload.offset
  if (number < recording.next + WINDOW && waits <= WINDOW_BYTES) return
  throw new DetailedError(
    409,
    'window_exceeded',
    waiting.length === 0
      ? `Chunk ${recording.next} is missing: at most ${WINDOW - 1} behind it are taken in before.`
      : 'Too much waits for chunks that are missing: send those first.',
    { next: recording.next, missing: told(missingNumbers(state, number)) },
  )
}

/** The missing numbers that an answer tells: as many as there can be within the window. */
export function told(numbers: readonly number[]): number[] {
  return numbers.slice(0, WINDOW)
}

/**
 * What closing means for a recording that takes pieces.
 * @returns whether it is incomplete.
 * @throws DetailedError 409 where something is missing and gaps are not allowed; ApiError 400 for a count that is too low, 409 for nothing.
 */
export function closing(state: RecordingState, count: number | undefined, allowGaps: boolean): boolean {
  const { upload } = state
  const end = endOf(state)
  if (count !== undefined && count < end)
    throw new ApiError(400, 'invalid_request', `chunks must be ${end} at least: so many came.`, 'chunks')
  const missing = missingNumbers(state, count)
  if (missing.length > 0 && !allowGaps) {
    throw new DetailedError(409, 'chunks_missing', `${missing.length} chunks are missing.`, {
      next: state.recording.next,
      missing: told(missing),
    })
  }
  const bytes = bytesOf(state)
  if (bytes === 0)
    throw new ApiError(
      409,
      'recording_empty',
      'Nothing has been recorded: send a chunk first, or delete the recording.',
    )
  const short = upload.length !== null && upload.length !== bytes
  if (short && !allowGaps)
    throw new ApiError(
      409,
      'bytes_missing',
      `${bytes} of the ${upload.length} bytes that were announced came.`,
    )
  return missing.length > 0 || short
}

/** @throws ApiError 409 when a repeated chunk has other bytes. */
export function requireSame({ number, sha256 }: PieceRow, found: string): void {
  if (sha256 === found) return
  throw new ApiError(409, 'chunk_conflict', `Chunk ${number} has come before, with other bytes.`)
}
