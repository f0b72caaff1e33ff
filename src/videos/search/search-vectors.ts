import { type RawBuilder, sql } from 'kysely'
import { foldedWords } from './search-text.ts'

/*
 * The search row of a video (table `video_search`): two text search vectors, `heading` of title and description, and `search` of these and
 * the transcript. `search-text.ts` divides texts into words: in lower case, without Latin accents; in a script without spaces each
 * character is a word. A vector holds five kinds of lexemes:
 *
 *   words      as written, with their positions, for phrases. Weight A: title, B: description, D: transcript
 *   stems      by the language of the video, after all words
 *   pairs      of neighbouring words, without positions. GIN indexes store no positions: without pairs a phrase of common words would
 *              make PostgreSQL read every video that has these words
 *   slice mark `#` and the number of the slice of 512 videos, in the order of `n`. A query for the newest hits names the newest slices
 *   other      `@` and the owner, so that a search among one owner's videos reads no others; `#long` if the transcript has more words
 *   marks      than PostgreSQL has positions: its later words have no position, and phrases in it are found by their pairs alone
 *
 * No word begins with `#` or `@`. Example: the video with n = 1030 of the owner `ann`, in English, titled "Red boats", without a
 * description, with the transcript "Boats sailing home":
 *
 *   heading  'red':1A 'boats':2A 'red':3A 'boat':4A  'red boats'  '#2' '@ann'
 *   search   'red':1A 'boats':2A 'boats':3 'sailing':4 'home':5  'red':6A 'boat':7A 'boat':8 'sail':9 'home':10
 *            'red boats' 'boats sailing' 'sailing home'  '#2' '@ann'
 *
 * The query `"boats sailing" sail` (`search-query.ts`) asks the index for the pair 'boats sailing' and the stem 'sail', and ranks by
 * positions and weights (`search.ts`). `moments.ts` then finds the places in the transcript itself.
 */

/** Videos in a slice. */
export const SLICE_VIDEOS = 512

/**
 * PostgreSQL limits a vector to 1 MB. The transcript may use this much of it: for distinct words, which may occur twice, and for distinct
 * pairs. The rest of a longer text is not found.
 */
const MAX_SPOKEN_WORDS_BYTES = 200_000
const MAX_SPOKEN_PAIRS_BYTES = 300_000

/** PostgreSQL stores no position above 16,383. */
const MAX_POSITIONS = 16_000
export const LONG_MARK = '#long'

/** PostgreSQL takes lexemes of up to 2,046 bytes. */
const MAX_PAIR_BYTES = 2000

export interface Searched {
  readonly title: string
  readonly description: string
  /** The text of the transcript, or ''. */
  readonly spoken: string
  /** A text search configuration. */
  readonly config: string
  readonly owner: string | null
  /** Place in the order in which videos were uploaded. */
  readonly n: number
}

/** The vectors of a video, as expressions for PostgreSQL: see above. */
export function searchVectors({ title, description, spoken, config, owner, n }: Searched): {
  heading: RawBuilder<string>
  search: RawBuilder<string>
} {
  const headings = [title, description].map(foldedWords)
  const said = limited(foldedWords(spoken), MAX_POSITIONS - headings.flat().length)
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
      ...(said.long ? [LONG_MARK] : []),
    ]),
  }
}

/** Each two neighbours as one lexeme. */
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

/** The first distinct texts that have at most `bytes` bytes together. */
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
