import { diffArrays } from 'diff'
import type { TimedWord, TranscriptSegment } from '../../database/tables/transcripts.ts'
import { joinTokens, type Token, timedWordsOf, tokenize } from './timed-words.ts'

/** With more changed words, the texts count as entirely different, because the time grows with the square of this number. */
const MAX_COMPARED_WORDS = 2000

/**
 * Divides an edited text into the segments of the previous text. Unchanged words stay in their segment and keep their times. New words go to
 * the segment of the words that they replace, or to that of the preceding word. Segments without words are removed.
 */
export function retime(segments: readonly TranscriptSegment[], text: string): TranscriptSegment[] {
  const words = segments.flatMap((segment, index) =>
    tokenize(segment.text).map(({ text }) => ({ text, index })),
  )
  const tokens = tokenize(text)
  const [before, after] = [words.map(word => word.text), tokens.map(token => token.text)]
  const own: Token[][] = segments.map(() => [])
  const changes = diffArrays(before, after, { maxEditLength: MAX_COMPARED_WORDS }) ?? [
    { removed: true, value: before },
    { added: true, value: after },
  ]
  let [at, to] = [0, 0]
  /** The segments for new words: those of the words just removed, or that of the preceding word. */
  let places = [0]
  for (const { added, removed, value } of changes) {
    if (!added && value.length > 0) places = value.map(() => words[at++]!.index)
    if (removed) continue
    for (const index of value.keys()) {
      own[places[Math.floor((index * places.length) / value.length)]!]!.push(tokens[to++]!)
    }
    places = places.slice(-1)
  }
  return segments
    .map((segment, index) => withText(segment, joinTokens(own[index]!)))
    .filter(segment => segment.text.trim() !== '')
}

function withText(segment: TranscriptSegment, text: string): TranscriptSegment {
  const { words: known = [], ...rest } = segment
  if (joinTokens(tokenize(segment.text)) === text) return segment
  const words = timedWordsOf({ ...rest, text }, known)
  return { ...rest, text, ...(words && { words }) }
}

/** Adds word times to segments that a person has edited, from the same words of the previous segments. */
export function withKnownWords(
  segments: readonly TranscriptSegment[],
  before: readonly TranscriptSegment[],
): TranscriptSegment[] {
  const known = before.flatMap(({ words = [] }) => words).sort((a, b) => a.start - b.start)
  return segments.map(({ words: _, ...segment }) => {
    const words = timedWordsOf(segment, within(known, segment.start, segment.end))
    return { ...segment, ...(words && { words }) }
  })
}

/** The words whose middle is between two times. @param words sorted by start. */
function within(words: readonly TimedWord[], start: number, end: number): TimedWord[] {
  let [low, high] = [0, words.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (words[middle]!.start + words[middle]!.end < 2 * start) low = middle + 1
    else high = middle
  }
  const found: TimedWord[] = []
  for (let index = low; index < words.length && words[index]!.start <= end; index++) {
    if (words[index]!.start + words[index]!.end <= 2 * end) found.push(words[index]!)
  }
  return found
}
