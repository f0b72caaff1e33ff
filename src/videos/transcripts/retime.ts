import { diffArrays } from 'diff'
import type { TimedWord, TranscriptSegment } from '../../database/schema.ts'
import { joinTokens, type Token, tokenize, wordsOf } from './timed-words.ts'

/** How many words may have changed for them to be found one by one: the search takes as many steps as their square. */
const COMPARED = 2000

/**
 * Spreads an edited text over the segments of the text that it was made from. Words that did not change stay in their segment and keep
 * their times; new ones go with those that they replace, else with the word before them. Segments that lost all their words go.
 */
export function retime(segments: readonly TranscriptSegment[], text: string): TranscriptSegment[] {
  const words = segments.flatMap((segment, index) =>
    tokenize(segment.text).map(({ text }) => ({ text, index })),
  )
  const tokens = tokenize(text)
  const [before, after] = [words.map(word => word.text), tokens.map(token => token.text)]
  const own: Token[][] = segments.map(() => [])
  const changes = diffArrays(before, after, { maxEditLength: COMPARED }) ?? [
    { removed: true, value: before },
    { added: true, value: after },
  ]
  let [at, to] = [0, 0]
  /** The segments of the words that new ones stand for: those just removed, or else the word before. */
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
  const words = wordsOf({ ...rest, text }, known)
  return { ...rest, text, ...(words && { words }) }
}

/** Gives segments that a person wrote the times of those of their words that were known at their place before. */
export function withKnownWords(
  segments: readonly TranscriptSegment[],
  before: readonly TranscriptSegment[],
): TranscriptSegment[] {
  const known = before.flatMap(({ words = [] }) => words).sort((a, b) => a.start - b.start)
  return segments.map(({ words: _, ...segment }) => {
    const words = wordsOf(segment, within(known, segment.start, segment.end))
    return { ...segment, ...(words && { words }) }
  })
}

/** The words whose middle lies between two times. @param words in the order of their starts. */
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
