import { type RawBuilder, sql } from 'kysely'
import { foldedWords } from './search-text.ts'
import { LONG, pairsOf } from './search-vectors.ts'

/** Words and phrases that one query can have; what is behind them is not looked at. */
const MAX_TERMS = 16
/** A shorter beginning stands in too many words to be looked up quickly; it is taken as a word. */
const MIN_PREFIX = 3

/** One word, or a phrase. */
export interface Term {
  readonly words: readonly string[]
  readonly excluded: boolean
  /** Between quotation marks: stems do not count. */
  readonly exact: boolean
  /** Whether the last word is a beginning. */
  readonly prefix: boolean
}

/** Alternatives, of each of which all terms have to be there. */
export type SearchQuery = readonly (readonly Term[])[]

/**
 * Reads what a person types: words that all have to be there, `"a phrase"`, `-without`, `or`, `begin*`. There is no wrong query.
 * @returns only alternatives that ask for something; what only excludes would be the whole catalogue.
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
    const prefix = plain.endsWith('*') && [...words.at(-1)!].length >= MIN_PREFIX
    alternatives.at(-1)!.push({ words, excluded: not === '-', exact: quoted !== undefined, prefix })
  }
  return alternatives.filter(terms => terms.some(({ excluded }) => !excluded))
}

/** Whether words with the same stem count as well: where several are one behind the other, each has to be as it is. */
export function isStemmed({ words, exact, prefix }: Term): boolean {
  return words.length === 1 && !exact && !prefix
}

/** What ranks: of a phrase, the places of its words. @param configs text search configurations whose stems are looked for. */
export function rankingQuery(query: SearchQuery, configs: readonly string[]): RawBuilder<string> {
  return toTsQuery(query, term => byPlaces(term, configs))
}

/** What finds: of a phrase, its pairs of words, which stand in the index. Places are looked at where these do not suffice. */
export function findingQuery(query: SearchQuery, configs: readonly string[]): RawBuilder<string> {
  return toTsQuery(query, term => {
    const pairs = [...pairsOf(term.words)]
    if (pairs.length === 0 || pairs.length < term.words.length - 1) return byPlaces(term, configs)
    const text = pairs.map(pair => `'${pair}'`).join(' & ') + (term.prefix ? ':*' : '')
    const found = sql<string>`${text}::tsquery`
    if (pairs.length === 1) return found
    return sql`(${found} && (${byPlaces(term, configs)} || ${`'${LONG}'`}::tsquery))`
  })
}

function byPlaces(term: Term, configs: readonly string[]): RawBuilder<string> {
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
