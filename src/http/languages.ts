import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { varyBy } from './cors.ts'
import { preferredLanguage } from './negotiation.ts'

/** Each language has one file, for the web page and for the pages that the service makes itself. */
const DIRECTORY = join(import.meta.dirname, '..', 'page', 'locale')
const RTL_SCRIPTS = ['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm']

type Words = Readonly<Record<string, string | Readonly<Record<string, string>>>>
type Values = Readonly<Record<string, string | number>>

/** The language of a page. Its texts are no HTML yet. */
export interface PageLanguage {
  readonly tag: string
  readonly dir: 'ltr' | 'rtl'
  /** Translates a sentence, in which values stand in braces. */
  readonly say: (sentence: string, values?: Values) => string
  /** Translates a sentence about a number, which is `{count}` in it. @param one the English sentence if the number is 1 */
  readonly sayCount: (count: number, one: string, other: string) => string
}

/** Marks a sentence of a table for translation. */
export const mark = (sentence: string) => sentence

const FILES = readdirSync(DIRECTORY).filter(name => name.endsWith('.json'))
const LANGUAGES: readonly PageLanguage[] = [
  pageLanguage('en', {}),
  ...FILES.map(name =>
    pageLanguage(name.slice(0, -'.json'.length), JSON.parse(readFileSync(join(DIRECTORY, name), 'utf8'))),
  ),
]
export const ENGLISH = LANGUAGES[0]!

/** The language that a request prefers (RFC 9110 §12.5.4). The response says that it depends on it. */
export function languageFor({ headers }: FastifyRequest, reply: FastifyReply): PageLanguage {
  varyBy(reply, 'Accept-Language')
  const tags = LANGUAGES.map(({ tag }) => tag)
  const preferred = preferredLanguage(headers['accept-language'], tags)
  return LANGUAGES.find(({ tag }) => tag === preferred)!
}

/** Makes one thing for each language. */
export function forEachLanguage<T>(make: (language: PageLanguage) => T): ReadonlyMap<PageLanguage, T> {
  return new Map(LANGUAGES.map(language => [language, make(language)]))
}

function pageLanguage(tag: string, words: Words): PageLanguage {
  const isRtl = RTL_SCRIPTS.includes(new Intl.Locale(tag).maximize().script ?? '')
  const fill = (sentence: string, values: Values) =>
    sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
  return {
    tag,
    dir: isRtl ? 'rtl' : 'ltr',
    say: (sentence, values = {}) => fill((words[sentence] as string | undefined) ?? sentence, values),
    sayCount: (count, one, other) => {
      const forms = (words[other] as Readonly<Record<string, string>> | undefined) ?? { one, other }
      return fill(forms[new Intl.PluralRules(tag).select(count)] ?? forms['other']!, { count })
    },
  }
}
