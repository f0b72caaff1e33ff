import { type RawBuilder, sql } from 'kysely'
import { searchTextOf } from './search-text.ts'

/**
 * Videos of one slice carry its mark among their words, so that the index can be asked for the hits among the newest videos without
 * looking at all others.
 */
export const SLICE = 512

/** Of a transcript, in bytes: PostgreSQL limits a text search vector to 1 MB, and short words take more there, twice. */
const SEARCHED = 200_000

export interface Searched {
  readonly title: string
  readonly description: string
  readonly spoken: string
  /** A text search configuration. */
  readonly config: string
  /** Place in the order in which videos came. */
  readonly n: number
}

/**
 * What a video is found by: `heading` is title (weight A) and description (B), `search` is that and what was said (D). Every word stands
 * there as it is, which phrases are looked for in, and behind all of these by its stem.
 */
export function searchVectors({ title, description, spoken, config, n }: Searched): {
  heading: RawBuilder<string>
  search: RawBuilder<string>
} {
  const texts = [title, description, cut(spoken)].map(searchTextOf) as [string, string, string]
  const vector = (name: string, [first, second, third]: readonly string[]) =>
    sql<string>`(setweight(to_tsvector(${name}::regconfig, ${first}), 'A')
      || setweight(to_tsvector(${name}::regconfig, ${second}), 'B') || to_tsvector(${name}::regconfig, ${third ?? ''}))`
  const both = (parts: readonly string[]) => {
    const exact = vector('simple', parts)
    const words = config === 'simple' ? exact : sql<string>`${exact} || ${vector(config, parts)}`
    return sql<string>`${words} || array_to_tsvector(array[${sliceMark(sliceOf(n))}::text])`
  }
  return { heading: both(texts.slice(0, 2)), search: both(texts) }
}

export function sliceOf(n: number): number {
  return Math.floor(n / SLICE)
}

/** No word begins like this. */
export function sliceMark(slice: number): string {
  return `#${slice}`
}

function cut(text: string): string {
  return Buffer.byteLength(text) <= SEARCHED ? text : Buffer.from(text).subarray(0, SEARCHED).toString()
}
