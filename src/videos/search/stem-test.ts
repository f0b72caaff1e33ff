import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { findingQuery, type Term } from './search-query.ts'

export type StemTest = (config: string, word: string, term: Term) => boolean

/** Finds the words that have the stem of a term, with PostgreSQL. Only words that begin like a term are sent, or all in languages with prefixes. */
export async function stemTest(
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

/** Languages in which words with the same stem can begin differently. */
export const PREFIXING = new Set(['arabic', 'indonesian', 'irish'])

/** The first two letters of words that can have the stem of a term. They are the same in languages without prefixes. */
export function beginnings(terms: readonly Term[]): Set<string> {
  return new Set(terms.map(({ words }) => [...words[0]!].slice(0, 2).join('')))
}
