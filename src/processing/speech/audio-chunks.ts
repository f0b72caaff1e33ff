import type { TimedWord, TranscriptSegment } from '../../database/schema.ts'
import { joinTokens, type Token, timeTokens, tokenize } from '../../videos/transcripts/timed-words.ts'
import type { Silence } from '../media/extract-audio.ts'
import type { Heard, HeardSegment } from './speech-answer.ts'

/** A stretch of audio that is sent in one request. All times are seconds from the start of the audio. */
export interface Piece {
  /** What is sent. */
  readonly from: number
  readonly to: number
  /** What the result is used for: pieces touch here, while what is sent may overlap. */
  readonly start: number
  readonly end: number
}

/** Seconds of the shortest audio that speech-to-text services take: OpenAI's refuses less. */
export const SHORTEST_S = 0.1

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
    const latest = Math.min(from + max, duration - SHORTEST_S)
    const silence = longestSilence(silences, start + (from + max - start) / 2, latest)
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

/** Silence at the end of a piece that is not sent, because models make up text for it and it costs as much as speech; in seconds. */
const LONG_SILENCE = 10
/** What is left of it. */
const MARGIN = 0.5

/** The pieces without long silence at their ends, and without those that are nothing else. */
export function withoutSilentEnds(pieces: readonly Piece[], silences: readonly Silence[]): Piece[] {
  return pieces.flatMap(piece => {
    let { from, to } = piece
    for (const [begin, end] of silences) {
      if (begin <= from && end >= to) return []
      if (begin <= from && end > from + LONG_SILENCE) from = end - MARGIN
      else if (end >= to && begin < to - LONG_SILENCE) to = begin + MARGIN
    }
    return [{ ...piece, from, to }]
  })
}

/** The part of the audio, 0 to 1, that is not silent and that segments tell of. */
export function speechShare(
  duration: number,
  silences: readonly Silence[],
  segments: readonly TranscriptSegment[],
): number {
  let [speech, at, next] = [0, 0, 0]
  for (const segment of segments.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(at, segment.start)
    at = Math.max(start, Math.min(segment.end, duration))
    speech += at - start
    while (next < silences.length && silences[next]![1] <= start) next++
    for (let index = next; index < silences.length && silences[index]![0] < at; index++) {
      const [begin, end] = silences[index]!
      speech -= Math.max(0, Math.min(end, at) - Math.max(begin, start))
    }
  }
  return duration > 0 ? Math.min(1, Math.max(0, speech / duration)) : 0
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
    const untimed = isUntimed(results[index]!) && isUntimed(results[index + 1]!)
    const [left, right] = [parts[index]![0], parts[index + 1]![0]]
    if (seconds <= 0 || !untimed || !left || !right) continue
    const [before, after] = withoutRepetition(left.text, right.text, Math.ceil(seconds * WORDS_PER_SECOND))
    parts[index] = [{ ...left, text: before }]
    parts[index + 1] = after === '' ? [] : [{ ...right, text: after }]
  }
  return parts.flat()
}

function isUntimed({ segments, words }: Heard): boolean {
  return segments.length === 0 && words.length === 0
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
 * the other before it was cut off. Leaves texts that share less than two words there.
 */
function withoutRepetition(left: string, right: string, words: number): [left: string, right: string] {
  const [before, after] = [tokenize(left), tokenize(right)]
  const plain = ({ text }: Token) => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '')
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
  return [joinTokens(before.slice(0, end)), joinTokens(after.slice(best.head + best.length))]
}

function segmentsOf(piece: Piece, heard: Heard): TranscriptSegment[] {
  const segments = heard.segments.length > 0 ? heard.segments : sentencesOf(heard)
  if (segments.length === 0) {
    return heard.text === '' ? [] : [{ start: piece.start, end: piece.end, text: heard.text }]
  }
  return segments.flatMap(segment => {
    const whole = clip(shift(segment, piece), piece)
    const known = wordsWithin(segment, heard.words)
    if (known.length === 0) return belongs(whole, piece) ? [whole] : []
    const tokens = tokenize(segment.text)
    const words = timeTokens(tokens, segment, known).words.map(word => clip(shift(word, piece), piece))
    if (whole.start >= piece.start && whole.end <= piece.end) return [{ ...whole, words }]
    const own = words.map(word => belongs(word, piece))
    const [kept, parts] = [words.filter((_, index) => own[index]), tokens.filter((_, index) => own[index])]
    if (kept.length === 0) return []
    if (kept.length === words.length) return [{ ...whole, words }]
    const span = { start: kept[0]!.start, end: kept.at(-1)!.end }
    return [{ ...whole, ...span, text: joinTokens(parts), words: kept }]
  })
}

/** A pause that parts what is said, in seconds, where a service tells the times of words but no segments. */
const PAUSE = 1
/** Words of the longest segment that is made of words. */
const LONGEST = 60

/** Segments for words that come without: they end with a sentence or in a pause. */
function sentencesOf({ text, words }: Heard): HeardSegment[] {
  if (words.length === 0) return []
  const tokens = tokenize(text)
  const span = { start: words[0]!.start, end: words.at(-1)!.end }
  const times = timeTokens(tokens, span, words).words
  const segments: HeardSegment[] = []
  for (let from = 0, to = 1; to <= times.length; to++) {
    const [last, next] = [times[to - 1]!, times[to]]
    const goesOn = next && next.start - last.end < PAUSE && !/[.?!…。？！]$/u.test(last.text)
    if (goesOn && to - from < LONGEST) continue
    segments.push({ start: times[from]!.start, end: last.end, text: joinTokens(tokens.slice(from, to)) })
    from = to
  }
  return segments
}

function wordsWithin(segment: HeardSegment, words: readonly TimedWord[]): TimedWord[] {
  return words.filter(word => middle(word) >= segment.start && middle(word) <= segment.end)
}

/** Where no other piece was heard behind it, all that is left belongs to a piece, however late its service says that it was said. */
function belongs(span: TimedWord, piece: Piece): boolean {
  return middle(span) >= piece.start && (middle(span) < piece.end || piece.end >= piece.to)
}

function middle(span: TimedWord): number {
  return (span.start + span.end) / 2
}

/** Of what was heard, only what a transcript keeps. */
function shift({ start, end, text, speaker }: HeardSegment, piece: Piece): TranscriptSegment {
  const times = { start: rounded(start + piece.from), end: rounded(end + piece.from) }
  return { ...times, text, ...(speaker !== undefined && { speaker }) }
}

/** Whisper's last segment may end behind the audio. */
function clip(segment: TranscriptSegment, piece: Piece): TranscriptSegment {
  const start = Math.min(Math.max(segment.start, piece.from), piece.to)
  return { ...segment, start, end: Math.max(start, Math.min(segment.end, piece.to)) }
}

/** To milliseconds. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
