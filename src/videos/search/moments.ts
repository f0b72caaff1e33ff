import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { currentTranscripts } from '../current-transcripts.ts'
import { findingQuery, isStemmed, type SearchQuery, type Term } from './search-query.ts'
import { foldLetters, type Word, wordsOf } from './search-text.ts'

/** Maximum number of moments per video. Moments that match more terms are preferred. */
const MAX_MOMENTS = 5
/** Approximate number of characters before the first hit of a snippet; after it, twice as many. */
const CONTEXT_CHARACTERS = 80

/** A part of a snippet, as plain text. `hit` if it matches the query. */
export interface SnippetPart {
  readonly text: string
  readonly hit: boolean
}

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

function momentsOf(
  segments: readonly Segment[],
  words: readonly (readonly Word[])[],
  terms: readonly Term[],
  isSame: (word: string, term: Term) => boolean,
): Moment[] {
  // A phrase can begin in one segment and end in the next.
  const all = words.flatMap((list, segment) => list.map(word => ({ word, segment })))
  const hits = segments.map(() => ({ words: new Set<Word>(), terms: new Set<Term>() }))
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

/** The first two letters of words that can have the stem of a term. They are the same in languages without prefixes. */
function beginnings(terms: readonly Term[]): Set<string> {
  return new Set(terms.map(({ words }) => [...words[0]!].slice(0, 2).join('')))
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

/** @param hits in any order. */
function snippetOf(text: string, hits: readonly Word[]): SnippetPart[] {
  const sorted = hits.toSorted((a, b) => a.start - b.start)
  const from = Math.max(0, sorted[0]!.start - CONTEXT_CHARACTERS)
  const to = Math.min(text.length, sorted[0]!.end + 2 * CONTEXT_CHARACTERS)
  const begin = from === 0 ? 0 : nextSpace(text, from, sorted[0]!.start)
  const end = to === text.length ? to : lastSpace(text, sorted[0]!.end, to)
  const parts: SnippetPart[] = [{ text: begin > 0 ? '…' : '', hit: false }]
  let at = begin
  for (const hit of sorted.filter(({ end: last }) => last <= end)) {
    parts.push(
      { text: text.slice(at, hit.start), hit: false },
      { text: text.slice(hit.start, hit.end), hit: true },
    )
    at = hit.end
  }
  parts.push({ text: text.slice(at, end) + (end < text.length ? '…' : ''), hit: false })
  return merged(parts)
}

/** A snippet is cut between words if the text has spaces, and never inside a surrogate pair. */
function nextSpace(text: string, from: number, limit: number): number {
  const space = text.slice(from, limit).search(/\s/)
  return space >= 0 ? from + space + 1 : from + Number(/[\udc00-\udfff]/.test(text.charAt(from)))
}

function lastSpace(text: string, from: number, limit: number): number {
  const space = text.slice(from, limit).search(/\s\S*$/)
  return space >= 0 ? from + space : limit - Number(/[\ud800-\udbff]/.test(text.charAt(limit - 1)))
}

function merged(parts: readonly SnippetPart[]): SnippetPart[] {
  const result: SnippetPart[] = []
  for (const part of parts) {
    const before = result.at(-1)
    if (part.text === '') continue
    if (before?.hit === part.hit) result[result.length - 1] = { ...before, text: before.text + part.text }
    else result.push(part)
  }
  return result
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

type StemTest = (config: string, word: string, term: Term) => boolean

/** Finds the words that have the stem of a term, with PostgreSQL. Only words that begin like a term are sent, or all in languages with prefixes. */
async function stemTest(
  db: Db,
  terms: readonly Term[],
  words: readonly { readonly config: string; readonly folded: string }[],
): Promise<StemTest> {
  if (terms.length === 0) return () => false
  const first = beginnings(terms)
  const checked = new Map<string, { config: string; word: string }>()
  for (const { config, folded } of words) {
    if (config === 'simple') continue
    if (PREFIXING.has(config) || first.has([...folded.slice(0, 4)].slice(0, 2).join('')))
      checked.set(`${config} ${folded}`, { config, word: folded })
  }
  if (checked.size === 0) return () => false
  const pairs = [...checked.values()]
  const configs = [...new Set(pairs.map(({ config }) => config))]
  const queries = terms.map((term, n) => sql`(${n}::int, ${findingQuery([[term]], configs)})`)
  const { rows } = await sql<{ n: number; config: string; word: string }>`
    select n, config, word
    from unnest(${pairs.map(({ config }) => config)}::text[], ${pairs.map(({ word }) => word)}::text[]) as checked (config, word)
    join (values ${sql.join(queries)}) as wanted (n, query) on to_tsvector(config::regconfig, word) @@ query`.execute(
    db,
  )
  const hits = new Set(rows.map(({ n, config, word }) => `${n} ${config} ${word}`))
  const numbers = new Map(terms.map((term, n) => [term, n]))
  return (config, word, term) => hits.has(`${numbers.get(term)} ${config} ${word}`)
}

const PREFIXING = new Set(['arabic', 'indonesian', 'irish'])
