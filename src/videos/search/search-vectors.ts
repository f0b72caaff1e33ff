import { type RawBuilder, sql } from 'kysely'
import { foldedWords } from './search-text.ts'

/**
 * Videos of one slice carry its mark among their words, so that the index can be asked for the hits among the newest videos without
 * looking at all others.
 */
export const SLICE = 512

/**
 * What is said takes of a text search vector, which PostgreSQL limits to 1 MB, in bytes: different words, which may stand there twice,
 * and different pairs of words. What is more is not found.
 */
const SPOKEN_WORDS = 200_000
const SPOKEN_PAIRS = 300_000

/** PostgreSQL tells no places apart behind 16,383; the text that is longer has a mark. */
const PLACES = 16_000
export const LONG = '#long'

/** Of a pair in bytes. PostgreSQL takes 2,046. */
const MAX_PAIR = 2000

export interface Searched {
  readonly title: string
  readonly description: string
  readonly spoken: string
  /** A text search configuration. */
  readonly config: string
  readonly owner: string | null
  /** Place in the order in which videos came. */
  readonly n: number
}

/**
 * What a video is found by: `heading` is title (weight A) and description (B), `search` is that and what was said (D). Every word stands
 * there as it is, which phrases are looked for in, behind all of these by its stem, and without a place each pair of neighbours: an index
 * knows no places, and without the pairs a phrase of common words would be looked for in all videos that have these words.
 */
export function searchVectors({ title, description, spoken, config, owner, n }: Searched): {
  heading: RawBuilder<string>
  search: RawBuilder<string>
} {
  const headings = [title, description].map(foldedWords)
  const said = limited(foldedWords(spoken), PLACES - headings.flat().length)
  const marks = [sliceMark(sliceOf(n)), ...(owner === null ? [] : [ownerMark(owner)])]
  const headingPairs = headings.flatMap(words => [...pairsOf(words)])
  const vector = (name: string, parts: readonly string[]) => {
    const [first, second, third = ''] = parts
    return sql<string>`(setweight(to_tsvector(${name}::regconfig, ${first}), 'A')
      || setweight(to_tsvector(${name}::regconfig, ${second}), 'B') || to_tsvector(${name}::regconfig, ${third}))`
  }
  const both = (parts: readonly string[], unplaced: string, others: readonly string[]) => {
    const names = config === 'simple' ? ['simple'] : ['simple', config]
    const placed = names.map(name => vector(name, parts))
    const rest = unplaced ? names.map(name => sql`strip(to_tsvector(${name}::regconfig, ${unplaced}))`) : []
    const all = [...placed, ...rest, sql`array_to_tsvector(${[...new Set(others)]}::text[])`]
    return sql<string>`${sql.join(all, sql` || `)}`
  }
  const texts = headings.map(words => words.join(' '))
  return {
    heading: both(texts, '', [...marks, ...headingPairs]),
    search: both([...texts, said.placed], said.unplaced, [
      ...marks,
      ...headingPairs,
      ...said.pairs,
      ...(said.long ? [LONG] : []),
    ]),
  }
}

/** Neighbours, as they stand among the words. */
export function* pairsOf(words: readonly string[]): Generator<string> {
  for (let at = 1; at < words.length; at++) {
    const pair = `${words[at - 1]} ${words[at]}`
    if (Buffer.byteLength(pair) <= MAX_PAIR) yield pair
  }
}

interface Spoken {
  /** The beginning, in its order. */
  readonly placed: string
  /** Words that stand in the rest alone. */
  readonly unplaced: string
  readonly pairs: readonly string[]
  readonly long: boolean
}

function limited(words: readonly string[], places: number): Spoken {
  const known = new Set(upTo(SPOKEN_WORDS, words))
  const placed = words.slice(0, places).filter(word => known.has(word))
  for (const word of placed) known.delete(word)
  return {
    placed: placed.join(' '),
    unplaced: [...known].join(' '),
    pairs: [...upTo(SPOKEN_PAIRS, pairsOf(words))],
    long: words.length > places,
  }
}

/** The different ones among the first, until they have so many bytes. */
function upTo(bytes: number, texts: Iterable<string>): Set<string> {
  const known = new Set<string>()
  let left = bytes
  for (const text of texts) {
    if (known.has(text)) continue
    left -= Buffer.byteLength(text)
    if (left < 0) break
    known.add(text)
  }
  return known
}

export function sliceOf(n: number): number {
  return Math.floor(n / SLICE)
}

/** No word begins like this, nor like the next. */
export function sliceMark(slice: number): string {
  return `#${slice}`
}

/** With it, what one of many owners has is found without looking at all that the others have. */
export function ownerMark(owner: string): string {
  return `@${owner}`
}
