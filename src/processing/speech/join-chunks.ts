import type { TimedWord, TranscriptSegment } from '../../database/tables/transcripts.ts'
import { joinTokens, type Token, timeTokens, tokenize } from '../../videos/transcripts/timed-words.ts'
import type { Chunk } from './audio-chunks.ts'
import type { SpeechResult, SpeechSegment } from './speech-to-text.ts'

/**
 * Joins the results of all chunks. A word in an overlap is in two results and is taken once: by its time or, if the model gives no times,
 * by the words that both texts share.
 */
export function joinChunks(chunks: readonly Chunk[], results: readonly SpeechResult[]): TranscriptSegment[] {
  const seams = chunks.slice(1).map((next, index) => seamOf(chunks[index]!, results[index]!, next))
  const parts = chunks.map((chunk, index) => {
    const core = { ...chunk, start: seams[index - 1] ?? chunk.start, end: seams[index] ?? chunk.end }
    return segmentsOf(core, results[index]!)
  })
  for (const [index, seconds] of chunks
    .slice(1)
    .map((next, at) => [at, chunks[at]!.to - next.from] as const)) {
    const untimed = isUntimed(results[index]!) && isUntimed(results[index + 1]!)
    const [left, right] = [parts[index]![0], parts[index + 1]![0]]
    if (seconds <= 0 || !untimed || !left || !right) continue
    const [before, after] = withoutRepetition(left.text, right.text, Math.ceil(seconds * MAX_WORDS_PER_S))
    parts[index] = [{ ...left, text: before }]
    parts[index + 1] = after === '' ? [] : [{ ...right, text: after }]
  }
  return parts.flat()
}

function isUntimed({ segments, words }: SpeechResult): boolean {
  return segments.length === 0 && words.length === 0
}

/**
 * The time at which the transcript changes from one chunk to the next: the widest pause near the cut. The times of two results differ
 * slightly, so that a word at the seam could be taken from both chunks or from neither.
 */
function seamOf(chunk: Chunk, result: SpeechResult, next: Chunk): number {
  if (next.from >= chunk.to) return next.start
  const spans = (result.words.length > 0 ? result.words : result.segments).map(span => shift(span, chunk))
  const [earliest, latest] = [(next.from + next.start) / 2, (chunk.to + next.start) / 2]
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

/** Faster than people speak. */
const MAX_WORDS_PER_S = 5

/**
 * Joins two texts at the longest run of words that the end of one and the start of the other share. The words after it on the left and
 * before it on the right come from a word that was cut. Texts that share fewer than two words stay as they are.
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

function segmentsOf(chunk: Chunk, result: SpeechResult): TranscriptSegment[] {
  const segments = result.segments.length > 0 ? result.segments : sentencesOf(result)
  if (segments.length === 0) {
    return result.text === '' ? [] : [{ start: chunk.start, end: chunk.end, text: result.text }]
  }
  return segments.flatMap(segment => {
    const whole = clip(shift(segment, chunk), chunk)
    const known = wordsWithin(segment, result.words)
    if (known.length === 0) return belongs(whole, chunk) ? [whole] : []
    const tokens = tokenize(segment.text)
    const words = timeTokens(tokens, segment, known).words.map(word => clip(shift(word, chunk), chunk))
    if (whole.start >= chunk.start && whole.end <= chunk.end) return [{ ...whole, words }]
    const own = words.map(word => belongs(word, chunk))
    const [kept, parts] = [words.filter((_, index) => own[index]), tokens.filter((_, index) => own[index])]
    if (kept.length === 0) return []
    if (kept.length === words.length) return [{ ...whole, words }]
    const span = { start: kept[0]!.start, end: kept.at(-1)!.end }
    return [{ ...whole, ...span, text: joinTokens(parts), words: kept }]
  })
}

/** A pause of this length ends a segment, if the model gives times for words only. */
const SEGMENT_PAUSE_S = 1
const MAX_SEGMENT_WORDS = 60

/** Makes segments for words without segments: each ends with a sentence or at a pause. */
function sentencesOf({ text, words }: SpeechResult): SpeechSegment[] {
  if (words.length === 0) return []
  const tokens = tokenize(text)
  const span = { start: words[0]!.start, end: words.at(-1)!.end }
  const times = timeTokens(tokens, span, words).words
  const segments: SpeechSegment[] = []
  for (let from = 0, to = 1; to <= times.length; to++) {
    const [last, next] = [times[to - 1]!, times[to]]
    const goesOn = next && next.start - last.end < SEGMENT_PAUSE_S && !/[.?!…。？！]$/u.test(last.text)
    if (goesOn && to - from < MAX_SEGMENT_WORDS) continue
    segments.push({ start: times[from]!.start, end: last.end, text: joinTokens(tokens.slice(from, to)) })
    from = to
  }
  return segments
}

function wordsWithin(segment: SpeechSegment, words: readonly TimedWord[]): TimedWord[] {
  return words.filter(word => middle(word) >= segment.start && middle(word) <= segment.end)
}

/** Whether a word belongs to a chunk. If no other chunk overlaps its end, later words belong to it too, however late their times are. */
function belongs(span: TimedWord, chunk: Chunk): boolean {
  return middle(span) >= chunk.start && (middle(span) < chunk.end || chunk.end >= chunk.to)
}

function middle(span: TimedWord): number {
  return (span.start + span.end) / 2
}

/** Keeps only the fields of a transcript. */
function shift({ start, end, text, speaker }: SpeechSegment, chunk: Chunk): TranscriptSegment {
  const times = { start: rounded(start + chunk.from), end: rounded(end + chunk.from) }
  return { ...times, text, ...(speaker !== undefined && { speaker }) }
}

/** Whisper's last segment may end after the audio. */
function clip(segment: TranscriptSegment, chunk: Chunk): TranscriptSegment {
  const start = Math.min(Math.max(segment.start, chunk.from), chunk.to)
  return { ...segment, start, end: Math.max(start, Math.min(segment.end, chunk.to)) }
}

/** To milliseconds. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
