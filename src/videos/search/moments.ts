import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { currentTranscripts } from '../current-transcripts.ts'
import { isStemmed, type SearchQuery, type Term } from './search-query.ts'
import { foldLetters, type Word, wordsOf } from './search-text.ts'
import { type SnippetPart, snippetOf } from './snippet.ts'
import { beginnings, PREFIXING, stemTest } from './stem-test.ts'

/** Maximum number of moments per video. Moments that match more terms are preferred. */
const MAX_MOMENTS = 5
export interface Moment {
  /** Seconds. */
  readonly start: number
  readonly end: number
  readonly snippet: readonly SnippetPart[]
}

interface Segment {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The moments at which the words of a query are spoken, by video. Reads the transcripts of the given videos only. */
export async function findMoments(
  db: Db,
  query: SearchQuery,
  videos: readonly { readonly id: string; readonly config: string }[],
): Promise<Map<string, Moment[]>> {
  const terms = query.flat().filter(({ excluded }) => !excluded)
  if (videos.length === 0 || terms.length === 0) return new Map()
  const spoken = await spokenSegments(
    db,
    videos.map(({ id }) => id),
  )
  const parsed = videos.map(video => {
    const segments = spoken.get(video.id) ?? []
    const mayHit = hitTest(terms, video.config)
    // Most segments of a long talk have no hit. They are not divided into words, to save time.
    return { ...video, segments, words: segments.map(({ text }) => (mayHit(text) ? wordsOf(text) : [])) }
  })
  const words = parsed.flatMap(({ config, words }) => words.flat().map(({ folded }) => ({ config, folded })))
  const isStem = await stemTest(db, terms.filter(isStemmed), words)
  return new Map(
    parsed.map(({ id, config, segments, words }) => {
      const hasStem = (word: string, term: Term) => isStem(config, word, term)
      return [id, momentsOf(segments, words, terms, hasStem)]
    }),
  )
}

/** For each of some texts, given as words, the words that match and the terms that they match. */
export function hitsIn(
  words: readonly (readonly Word[])[],
  terms: readonly Term[],
  isSame: (word: string, term: Term) => boolean,
): { readonly words: Set<Word>; readonly terms: Set<Term> }[] {
  // A phrase can begin in one segment and end in the next.
  const all = words.flatMap((list, segment) => list.map(word => ({ word, segment })))
  const hits = words.map(() => ({ words: new Set<Word>(), terms: new Set<Term>() }))
  for (const term of terms) {
    const { length } = term.words
    for (let at = 0; at + length <= all.length; at++) {
      let same = 0
      while (
        same < length &&
        isHit(all[at + same]!.word.folded, term, same, isSame) &&
        (same === 0 || all[at + same]!.segment - all[at + same - 1]!.segment <= 1)
      )
        same++
      if (same < length) continue
      for (const { word, segment } of all.slice(at, at + length)) {
        hits[segment]!.words.add(word)
        hits[segment]!.terms.add(term)
      }
    }
  }
  return hits
}

function momentsOf(
  segments: readonly Segment[],
  words: readonly (readonly Word[])[],
  terms: readonly Term[],
  isSame: (word: string, term: Term) => boolean,
): Moment[] {
  return hitsIn(words, terms, isSame)
    .map((hit, index) => ({ hit, index }))
    .filter(({ hit }) => hit.words.size > 0)
    .sort((a, b) => b.hit.terms.size - a.hit.terms.size || a.index - b.index)
    .slice(0, MAX_MOMENTS)
    .sort((a, b) => a.index - b.index)
    .map(({ hit, index }) => {
      const { start, end, text } = segments[index]!
      return { start, end, snippet: snippetOf(text, [...hit.words]) }
    })
}

/** @returns a fast test that is true for every text with a hit, and for some texts without one. */
function hitTest(terms: readonly Term[], config: string): (text: string) => boolean {
  const stemmed = terms.filter(isStemmed)
  if (stemmed.length > 0 && PREFIXING.has(config)) return () => true
  const parts = new Set([...beginnings(stemmed), ...terms.flatMap(({ words }) => words)])
  // In a script without spaces a word can begin anywhere.
  const any = new RegExp(
    [...parts].map(part => (/^[a-z0-9]/.test(part) ? `(?<![a-z0-9])${part}` : part)).join('|'),
    'u',
  )
  return text => any.test(foldLetters(text))
}

function isHit(
  word: string,
  term: Term,
  index: number,
  isSame: (word: string, term: Term) => boolean,
): boolean {
  const wanted = term.words[index]!
  if (word === wanted) return true
  if (term.prefix && index === term.words.length - 1) return word.startsWith(wanted)
  return isStemmed(term) && isSame(word, term)
}

/** Reads segments without their word times, which are most of the data. */
async function spokenSegments(db: Db, ids: readonly string[]): Promise<Map<string, Segment[]>> {
  const segments = sql<[number, number, string][] | null>`(
    select jsonb_agg(jsonb_build_array(s->'start', s->'end', s->'text')) from jsonb_array_elements(segments) as s
  )`
  const rows = await currentTranscripts(db, ids)
    .select(['video_id', segments.as('segments')])
    .execute()
  return new Map(
    rows.map(row => [row.video_id, (row.segments ?? []).map(([start, end, text]) => ({ start, end, text }))]),
  )
}
