import type { TranscriptSegment } from '../database/schema.ts'
import type { Silence } from './ffmpeg.ts'
import type { Heard, HeardSegment } from './speech-to-text.ts'

/** A stretch of audio that is sent in one request. All times are seconds from the start of the audio. */
export interface Piece {
  /** What is sent. */
  readonly from: number
  readonly to: number
  /** What the result is used for: pieces touch here, while what is sent may overlap. */
  readonly start: number
  readonly end: number
}

/** How far pieces overlap where a cut falls into speech, to each side of the cut. */
const OVERLAP = 5

/**
 * Divides audio into pieces of at most `max` seconds, cut in the middle of the longest silence in the second half of what is
 * possible; where there is none, pieces overlap, so that a word at the cut is whole in one of them.
 */
export function planPieces(duration: number, silences: readonly Silence[], max: number): Piece[] {
  const pieces: Piece[] = []
  const overlap = Math.min(OVERLAP, max / 8)
  let start = 0
  let from = 0
  while (duration - from > max) {
    const silence = longestSilence(silences, start + (from + max - start) / 2, from + max)
    if (silence !== undefined) {
      pieces.push({ from, to: silence, start, end: silence })
      start = from = silence
    } else {
      const end = from + max - overlap
      pieces.push({ from, to: from + max, start, end })
      start = end
      from = end - overlap
    }
  }
  pieces.push({ from, to: duration, start, end: duration })
  return pieces
}

/** @returns the middle of the longest silence whose middle lies between two times. */
function longestSilence(silences: readonly Silence[], earliest: number, latest: number): number | undefined {
  let best: { middle: number; length: number } | undefined
  for (const [begin, end] of silences) {
    const [left, right] = [Math.max(begin, earliest), Math.min(end, latest)]
    const length = right - left
    if (length > 0 && length > (best?.length ?? 0)) best = { middle: (left + right) / 2, length }
  }
  return best?.middle
}

/** Whether all of the audio is silence. */
export function isSilent(duration: number, silences: readonly Silence[]): boolean {
  const silent = silences.reduce((sum, [start, end]) => sum + end - start, 0)
  return duration - silent < 0.1
}

/**
 * Puts the results of all pieces together. Of what was heard twice in an overlap, each word is taken from the piece that its middle
 * belongs to.
 */
export function stitch(pieces: readonly Piece[], results: readonly Heard[]): TranscriptSegment[] {
  return pieces.flatMap((piece, index) => segmentsOf(piece, results[index]!))
}

function segmentsOf(piece: Piece, heard: Heard): TranscriptSegment[] {
  if (heard.segments.length === 0) {
    return heard.text === '' ? [] : [{ start: piece.start, end: piece.end, text: heard.text }]
  }
  return heard.segments.flatMap(segment => {
    const shifted = shift(segment, piece)
    const whole = shifted.start >= piece.start && shifted.end <= piece.end
    const parts = whole ? [] : wordsOf(segment, heard.words).map(word => shift(word, piece))
    if (parts.length === 0) return belongs(shifted, piece) ? [clip(shifted, piece)] : []
    const own = parts.filter(word => belongs(word, piece))
    if (own.length === 0) return []
    if (own.length === parts.length) return [clip(shifted, piece)]
    return [{ start: own[0]!.start, end: own.at(-1)!.end, text: own.map(word => word.text).join(' ') }]
  })
}

function wordsOf(segment: HeardSegment, words: readonly HeardSegment[]): HeardSegment[] {
  return words.filter(word => middle(word) >= segment.start && middle(word) < segment.end)
}

function belongs(span: HeardSegment, piece: Piece): boolean {
  return middle(span) >= piece.start && middle(span) < piece.end
}

function middle(span: HeardSegment): number {
  return (span.start + span.end) / 2
}

function shift(span: HeardSegment, piece: Piece): TranscriptSegment {
  return { start: span.start + piece.from, end: span.end + piece.from, text: span.text }
}

/** Whisper's last segment may end behind the audio. */
function clip(segment: TranscriptSegment, piece: Piece): TranscriptSegment {
  return { ...segment, start: Math.max(segment.start, piece.from), end: Math.min(segment.end, piece.to) }
}
