import { type RawBuilder, sql } from 'kysely'
import { foldedWords } from './search-text.ts'
import { LONG_MARK, pairsOf } from './search-vectors.ts'

/** Maximum number of words and phrases in a query. The rest is ignored. */
const MAX_TERMS = 16
/** A shorter prefix would match too many words. It is searched as a whole word. */
const MIN_PREFIX_CHARACTERS = 3

/** One word, or a phrase. */
export interface Term {
  readonly words: readonly string[]
  readonly excluded: boolean
  /** Whether it was written in quotation marks. Stems do not match then. */
  readonly exact: boolean
  /** Whether the last word is a prefix. */
  readonly prefix: boolean
}

/** A list of alternatives. All terms of an alternative must match. */
export type SearchQuery = readonly (readonly Term[])[]

/**
 * Parses the text of a search: words that must all match, `"a phrase"`, `-excluded`, `or`, `prefix*`. Every text is valid.
 * Alternatives that only exclude are dropped, because they would match almost the whole catalogue.
 */
export function parseSearch(text: string): SearchQuery {
  const alternatives: Term[][] = [[]]
  let left = MAX_TERMS
  for (const { groups = {} } of text.matchAll(/(?<not>-?)(?:"(?<quoted>[^"]*)"?|(?<plain>[^\s"]+))/g)) {
    const { not, quoted, plain = '' } = groups
    if (!not && /^or$/i.test(plain)) {
      alternatives.push([])
      continue
    }
    const words = foldedWords(quoted ?? plain)
    if (words.length === 0 || left-- <= 0) continue
    const prefix = plain.endsWith('*') && [...words.at(-1)!].length >= MIN_PREFIX_CHARACTERS
    alternatives.at(-1)!.push({ words, excluded: not === '-', exact: quoted !== undefined, prefix })
  }
  return alternatives.filter(terms => terms.some(({ excluded }) => !excluded))
}

/** Whether words with the same stem match too. The words of a phrase must match as written. */
export function isStemmed({ words, exact, prefix }: Term): boolean {
  return words.length === 1 && !exact && !prefix
}

/** The query for ranking. A phrase matches by the positions of its words. @param configs text search configurations whose stems match. */
export function rankingQuery(query: SearchQuery, configs: readonly string[]): RawBuilder<string> {
  return toTsQuery(query, term => byPositions(term, configs))
}

/** The query for the index. A phrase matches by its word pairs, which the index contains, and also by positions if pairs are not sufficient. */
export function findingQuery(query: SearchQuery, configs: readonly string[]): RawBuilder<string> {
  return toTsQuery(query, term => {
    const pairs = [...pairsOf(term.words)]
    if (pairs.length === 0 || pairs.length < term.words.length - 1) return byPositions(term, configs)
    const text = pairs.map(pair => `'${pair}'`).join(' & ') + (term.prefix ? ':*' : '')
    const found = sql<string>`${text}::tsquery`
    if (pairs.length === 1) return found
    return sql`(${found} && (${byPositions(term, configs)} || ${`'${LONG_MARK}'`}::tsquery))`
  })
}

function byPositions(term: Term, configs: readonly string[]): RawBuilder<string> {
  const text = term.words.map(word => `'${word}'`).join(' <-> ') + (term.prefix ? ':*' : '')
  const names = isStemmed(term) ? new Set(['simple', ...configs]) : ['simple']
  return join(
    Array.from(names, name => sql<string>`to_tsquery(${name}::regconfig, ${text})`),
    '||',
  )
}

function toTsQuery(query: SearchQuery, toQuery: (term: Term) => RawBuilder<string>): RawBuilder<string> {
  const term = (one: Term) => (one.excluded ? sql<string>`!!${toQuery(one)}` : toQuery(one))
  return join(
    query.map(terms => join(terms.map(term), '&&')),
    '||',
  )
}

function join(parts: readonly RawBuilder<string>[], operator: string): RawBuilder<string> {
  return sql`(${sql.join(parts, sql.raw(` ${operator} `))})`
}
