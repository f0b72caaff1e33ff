import { type RawBuilder, sql } from 'kysely'
import { foldedWords } from './search-text.ts'

/*
 * The search row of a video (table `video_search`) has two text search vectors: `heading` for the title and description, and `search` for
 * these and the transcript. `search-text.ts` divides texts into words in lower case without Latin accents. In a script without spaces, each
 * character is a word. A vector contains five kinds of lexemes:
 *
 *   words      as written, with their positions, for phrases. Weight A: title, B: description, D: transcript
 *   stems      in the language of the video, after all words
 *   pairs      of adjacent words, without positions. GIN indexes store no positions, so without pairs PostgreSQL would have to read every
 *              video that contains the words of a phrase
 *   slice mark `#` and the number of a slice of 512 videos, in the order of `n`. A query for the newest hits names the newest slices
 *   other      `@` and the owner, so that a search in one owner's videos reads no others; `#long` if the transcript has more words than
 *   marks      PostgreSQL has positions. The later words then have no position, and phrases of them are found by their pairs only
 *
 * No word begins with `#` or `@`. Example: the video with n = 1030 of the owner `ann`, in English, titled "Red boats", without a
 * description, with the transcript "Boats sailing home":
 *
 *   heading  'red':1A 'boats':2A 'red':3A 'boat':4A  'red boats'  '#2' '@ann'
 *   search   'red':1A 'boats':2A 'boats':3 'sailing':4 'home':5  'red':6A 'boat':7A 'boat':8 'sail':9 'home':10
 *            'red boats' 'boats sailing' 'sailing home'  '#2' '@ann'
 *
 * The query `"boats sailing" sail` (`search-query.ts`) looks up the pair 'boats sailing' and the stem 'sail' in the index, and ranks the
 * videos by positions and weights (`search.ts`). `moments.ts` then finds the moments in the transcript itself.
 */

export const SLICE_VIDEOS = 512

/**
 * PostgreSQL limits a vector to 1 MB. These are the limits for the distinct words of a transcript, each of which can occur twice, and for
 * its distinct pairs. Searches do not find the rest of a longer transcript.
 */
const MAX_SPOKEN_WORDS_BYTES = 200_000
const MAX_SPOKEN_PAIRS_BYTES = 300_000

/** PostgreSQL stores no position above 16,383. */
const MAX_POSITIONS = 16_000
export const LONG_MARK = '#long'

/** PostgreSQL accepts lexemes of up to 2,046 bytes. */
const MAX_PAIR_BYTES = 2000

export interface Searched {
  readonly title: string
  readonly description: string
  /** The text of the transcript, or ''. */
  readonly spoken: string
  /** A text search configuration. */
  readonly config: string
  readonly owner: string | null
  /** Position in the order of upload. */
  readonly n: number
}

/** SQL expressions for the vectors of a video. */
export function searchVectors({ title, description, spoken, config, owner, n }: Searched): {
  heading: RawBuilder<string>
  search: RawBuilder<string>
} {
  const headings = [title, description].map(foldedWords)
  const speech = limited(foldedWords(spoken), MAX_POSITIONS - headings.flat().length)
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
    search: both([...texts, speech.placed], speech.unplaced, [
      ...marks,
      ...headingPairs,
      ...speech.pairs,
      ...(speech.long ? [LONG_MARK] : []),
    ]),
  }
}

/** The pairs of adjacent words, each as one lexeme. */
export function* pairsOf(words: readonly string[]): Generator<string> {
  for (let at = 1; at < words.length; at++) {
    const pair = `${words[at - 1]} ${words[at]}`
    if (Buffer.byteLength(pair) <= MAX_PAIR_BYTES) yield pair
  }
}

interface Spoken {
  /** The first words, in their order. */
  readonly placed: string
  /** Words that occur only after them. */
  readonly unplaced: string
  readonly pairs: readonly string[]
  readonly long: boolean
}

function limited(words: readonly string[], positions: number): Spoken {
  const known = new Set(upTo(MAX_SPOKEN_WORDS_BYTES, words))
  const placed = words.slice(0, positions).filter(word => known.has(word))
  for (const word of placed) known.delete(word)
  return {
    placed: placed.join(' '),
    unplaced: [...known].join(' '),
    pairs: [...upTo(MAX_SPOKEN_PAIRS_BYTES, pairsOf(words))],
    long: words.length > positions,
  }
}

/** The first distinct texts whose total size is at most `bytes`. */
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
  return Math.floor(n / SLICE_VIDEOS)
}

export function sliceMark(slice: number): string {
  return `#${slice}`
}

export function ownerMark(owner: string): string {
  return `@${owner}`
}
