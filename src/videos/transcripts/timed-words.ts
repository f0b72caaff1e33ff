import { diffArrays } from 'diff'
import type { TimedWord, TranscriptSegment } from '../../database/schema.ts'

/** A part of a text behind which a line may end. */
export interface Token {
  readonly text: string
  /** Whether a space stands before it. */
  readonly spaced: boolean
}

/** Scripts that are written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const OPENING = /^[\p{Ps}\p{Pi}]+$/u
const WORDS = new Intl.Segmenter('und', { granularity: 'word' })

/** Divides a text at its spaces, and where a script has none, at its words; punctuation stays with its word. */
export function tokenize(text: string): Token[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .flatMap(chunk => {
      const parts = UNSPACED.test(chunk) ? unspacedWords(chunk) : [chunk]
      return parts.map((part, index) => ({ text: part, spaced: index === 0 }))
    })
}

function unspacedWords(chunk: string): string[] {
  const parts: string[] = []
  let open = false
  for (const { segment, isWordLike } of WORDS.segment(chunk)) {
    const opening = OPENING.test(segment)
    if (parts.length === 0 || ((isWordLike || opening) && !open)) parts.push(segment)
    else parts[parts.length - 1] += segment
    open = opening
  }
  return parts
}

/** The text that tokens make, with single spaces. */
export function joinTokens(tokens: readonly Token[]): string {
  return tokens.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('')
}

/** How many words may differ between a text and what was heard for them to be found one by one. */
const COMPARED = 1000

/**
 * Gives every token of a segment its time: that of the heard word with the same letters, whatever the punctuation and wherever the
 * service parts words; one that was not heard shares the time between its neighbours.
 * @returns the tokens' times in order, and how many of them were heard.
 */
export function timeTokens(
  tokens: readonly Token[],
  { start, end }: { start: number; end: number },
  heard: readonly TimedWord[],
): { words: TimedWord[]; matched: number } {
  const spans = matchWords(tokens, heard)
  const words: TimedWord[] = []
  let cursor = start
  for (let index = 0; index < tokens.length; ) {
    const span = spans[index]
    if (span) {
      const from = clamp(span.start, cursor, end)
      const to = clamp(span.end, from, end)
      words.push({ start: from, end: to, text: tokens[index]!.text })
      cursor = to
      index++
      continue
    }
    let last = index
    while (last < tokens.length && !spans[last]) last++
    const until = last < tokens.length ? clamp(spans[last]!.start, cursor, end) : Math.max(cursor, end)
    const unheard = tokens.slice(index, last)
    const letters = unheard.reduce((sum, { text }) => sum + text.length, 0)
    let at = cursor
    for (const { text } of unheard) {
      const next = at + ((until - cursor) * text.length) / letters
      words.push({ start: at, end: next, text })
      at = next
    }
    cursor = until
    index = last
  }
  return { words: words.map(rounded), matched: spans.filter(Boolean).length }
}

/** The words of a segment's text with the times of those that were heard in it; undefined where none was. */
export function wordsOf(
  segment: Pick<TranscriptSegment, 'start' | 'end' | 'text'>,
  heard: readonly TimedWord[],
): TimedWord[] | undefined {
  if (heard.length === 0) return undefined
  const { words, matched } = timeTokens(tokenize(segment.text), segment, heard)
  return matched > 0 ? words : undefined
}

interface Span {
  start: number
  end: number
}

/** The times of those tokens that were heard: of whole words that are the same, and of several that are the same together. */
function matchWords(tokens: readonly Token[], heard: readonly TimedWord[]): (Span | undefined)[] {
  const spans: (Span | undefined)[] = tokens.map(() => undefined)
  if (heard.length === 0) return spans
  const [own, known] = [tokens, heard].map(list => list.map(({ text }) => lettersOf(text).join('')))
  const changes =
    own!.join('') === known!.join('') ? [] : diffArrays(known!, own!, { maxEditLength: COMPARED })
  let [at, from] = [0, 0]
  /** What differs since the last word that is the same. */
  let [firstToken, firstWord] = [0, 0]
  const matchDifference = () => {
    const found = spansOfLetters(own!.slice(firstToken, at), heard.slice(firstWord, from))
    for (const [index, span] of found.entries()) spans[firstToken + index] = span
  }
  for (const { added, removed, count } of changes ?? []) {
    if (added) at += count
    else if (removed) from += count
    else {
      matchDifference()
      for (let i = 0; i < count; i++) spans[at + i] = own![at + i] === '' ? undefined : heard[from + i]
      at = firstToken = at + count
      from = firstWord = from + count
    }
  }
  if (changes?.length === 0) [at, from] = [tokens.length, heard.length]
  matchDifference()
  return spans
}

/** The times of tokens whose letters are those of the words, parted differently; none where they are not. */
function spansOfLetters(tokens: readonly string[], words: readonly TimedWord[]): (Span | undefined)[] {
  const known = words.flatMap(({ start, end, text }) =>
    lettersOf(text).map((letter, index, { length }) => ({
      letter,
      start: start + ((end - start) * index) / length,
      end: start + ((end - start) * (index + 1)) / length,
    })),
  )
  if (known.map(({ letter }) => letter).join('') !== tokens.join('')) return []
  let at = 0
  return tokens.map(token => {
    const own = known.slice(at, at + [...token].length)
    at += own.length
    return own.length > 0 ? { start: own[0]!.start, end: own.at(-1)!.end } : undefined
  })
}

function lettersOf(text: string): string[] {
  return [...text.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '')]
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high))
}

/** To milliseconds. */
function rounded({ start, end, text }: TimedWord): TimedWord {
  return { start: Math.round(start * 1000) / 1000, end: Math.round(end * 1000) / 1000, text }
}
