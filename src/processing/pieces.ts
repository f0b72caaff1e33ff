import type { TranscriptSegment } from '../database/schema.ts'
import type { Silence } from './extract-audio.ts'
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
 * Puts the results of all pieces together. Of what was heard twice in an overlap, each word is taken once: by its time, or where the
 * service tells no times, by the words that both texts have there.
 */
export function stitch(pieces: readonly Piece[], results: readonly Heard[]): TranscriptSegment[] {
  const seams = pieces.slice(1).map((next, index) => seamOf(pieces[index]!, results[index]!, next))
  const parts = pieces.map((piece, index) => {
    const core = { ...piece, start: seams[index - 1] ?? piece.start, end: seams[index] ?? piece.end }
    return segmentsOf(core, results[index]!)
  })
  for (const [index, seconds] of pieces
    .slice(1)
    .map((next, at) => [at, pieces[at]!.to - next.from] as const)) {
    const untimed = results[index]!.segments.length === 0 && results[index + 1]!.segments.length === 0
    const [left, right] = [parts[index]![0], parts[index + 1]![0]]
    if (seconds <= 0 || !untimed || !left || !right) continue
    const [before, after] = withoutRepetition(left.text, right.text, Math.ceil(seconds * WORDS_PER_SECOND))
    parts[index] = [{ ...left, text: before }]
    parts[index + 1] = after === '' ? [] : [{ ...right, text: after }]
  }
  return parts.flat()
}

/**
 * Where one piece ends and the next begins: in the widest pause near the cut, because the two were heard apart and their times differ
 * a little; at a time within a word, it could be taken from both or from neither.
 */
function seamOf(piece: Piece, heard: Heard, next: Piece): number {
  if (next.from >= piece.to) return next.start
  const spans = (heard.words.length > 0 ? heard.words : heard.segments).map(span => shift(span, piece))
  const [earliest, latest] = [(next.from + next.start) / 2, (piece.to + next.start) / 2]
  let best: { seam: number; pause: number } | undefined
  for (const [index, after] of spans.slice(1).entries()) {
    const before = spans[index]!
    const [seam, pause] = [(before.end + after.start) / 2, after.start - before.end]
    if (seam >= earliest && seam <= latest && pause > (best?.pause ?? Number.NEGATIVE_INFINITY)) {
      best = { seam, pause }
    }
  }
  return best?.seam ?? next.start
}

/** Faster than anybody speaks. */
const WORDS_PER_SECOND = 5

/**
 * Joins two texts at the longest run of words that the end of one and the beginning of the other share: what one has behind it and
 * the other before it was cut off. Leaves texts that share less than two words there, or that do not part words by spaces.
 */
function withoutRepetition(left: string, right: string, words: number): [left: string, right: string] {
  const [before, after] = [left.split(/\s+/), right.split(/\s+/)]
  const plain = (word: string | undefined) => word?.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
  const [tail, head] = [before.slice(-words).map(plain), after.slice(0, words).map(plain)]
  let best = { length: 1, tail: 0, head: 0 }
  for (let i = 0; i < tail.length; i++) {
    for (let j = 0; j < head.length; j++) {
      let length = 0
      while (i + length < tail.length && j + length < head.length && tail[i + length] === head[j + length])
        length++
      if (length > best.length) best = { length, tail: i, head: j }
    }
  }
  if (best.length < 2) return [left, right]
  const end = before.length - tail.length + best.tail + best.length
  return [before.slice(0, end).join(' '), after.slice(best.head + best.length).join(' ')]
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
