import { diffArrays } from 'diff'
import { UNSPACED_SCRIPTS } from '../../base/unspaced-scripts.ts'
import type { TimedWord, TranscriptSegment } from '../../database/tables/transcripts.ts'

/** A part of a text. A line may end after it. */
export interface Token {
  readonly text: string
  /** Whether a space precedes it. */
  readonly spaced: boolean
}

const UNSPACED = new RegExp(`[${UNSPACED_SCRIPTS}]`, 'u')
const OPENING = /^[\p{Ps}\p{Pi}]+$/u
const WORDS = new Intl.Segmenter('und', { granularity: 'word' })

/** Divides a text at its spaces, or at its words in a script without spaces. Punctuation stays with its word. */
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

/** Joins tokens with single spaces. */
export function joinTokens(tokens: readonly Token[]): string {
  return tokens.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('')
}

/** With more differing words, the words are not compared one by one. */
const MAX_COMPARED_WORDS = 1000

/**
 * Gives every token of a segment the time of the recognized word with the same letters; punctuation and word boundaries may differ. Tokens
 * without such a word share the time between their neighbours in proportion to their length.
 * @returns the times in the order of the tokens, and the number of tokens that match a recognized word.
 */
export function timeTokens(
  tokens: readonly Token[],
  { start, end }: { start: number; end: number },
  recognized: readonly TimedWord[],
): { words: TimedWord[]; matched: number } {
  const spans = matchWords(tokens, recognized)
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
    const unmatched = tokens.slice(index, last)
    const letters = unmatched.reduce((sum, { text }) => sum + text.length, 0)
    let at = cursor
    for (const { text } of unmatched) {
      const next = at + ((until - cursor) * text.length) / letters
      words.push({ start: at, end: next, text })
      at = next
    }
    cursor = until
    index = last
  }
  return { words: words.map(rounded), matched: spans.filter(Boolean).length }
}

/** The words of a segment with the times of recognized words; undefined if no word matches. */
export function timedWordsOf(
  segment: Pick<TranscriptSegment, 'start' | 'end' | 'text'>,
  recognized: readonly TimedWord[],
): TimedWord[] | undefined {
  if (recognized.length === 0) return undefined
  const { words, matched } = timeTokens(tokenize(segment.text), segment, recognized)
  return matched > 0 ? words : undefined
}

interface Span {
  start: number
  end: number
}

/** The times of the tokens that match recognized words. Several tokens can match several words that have the same letters together. */
function matchWords(tokens: readonly Token[], recognized: readonly TimedWord[]): (Span | undefined)[] {
  const spans: (Span | undefined)[] = tokens.map(() => undefined)
  if (recognized.length === 0) return spans
  const [own, known] = [tokens, recognized].map(list => list.map(({ text }) => lettersOf(text).join('')))
  const changes =
    own!.join('') === known!.join('') ? [] : diffArrays(known!, own!, { maxEditLength: MAX_COMPARED_WORDS })
  let [at, from] = [0, 0]
  /** The start of the current difference. */
  let [firstToken, firstWord] = [0, 0]
  const matchDifference = () => {
    const found = spansOfLetters(own!.slice(firstToken, at), recognized.slice(firstWord, from))
    for (const [index, span] of found.entries()) spans[firstToken + index] = span
  }
  for (const { added, removed, count } of changes ?? []) {
    if (added) at += count
    else if (removed) from += count
    else {
      matchDifference()
      for (let i = 0; i < count; i++) spans[at + i] = own![at + i] === '' ? undefined : recognized[from + i]
      at = firstToken = at + count
      from = firstWord = from + count
    }
  }
  if (changes?.length === 0) [at, from] = [tokens.length, recognized.length]
  matchDifference()
  return spans
}

/** The times of tokens with the same letters as the words but other word boundaries; an empty list if the letters differ. */
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

/** Rounds to milliseconds. */
function rounded({ start, end, text }: TimedWord): TimedWord {
  return { start: Math.round(start * 1000) / 1000, end: Math.round(end * 1000) / 1000, text }
}
