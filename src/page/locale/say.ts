import type { ComponentChildren } from 'preact'

/**
 * The translations of a language, by the English sentence. A sentence with a number has one form for each plural category of the language
 * (CLDR), by the English form for several. Values stand in braces: `{title}`.
 */
export type Words = Readonly<Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>>

type Values = Readonly<Record<string, string | number>>

interface Language {
  /** A BCP 47 tag with the region of dates and numbers, such as `de-AT`. */
  readonly tag: string
  readonly isRtl: boolean
  readonly words: Words
}

/** For dates and numbers. Digits are Latin in all languages, because those of times such as `2:03` are. */
export let locale = 'en'
let isRtl = false
let words: Words = {}

/** Call it once, before anything is rendered. */
export function setLanguage(language: Language): void {
  isRtl = language.isRtl
  words = language.words
  locale = new Intl.Locale(language.tag, { numberingSystem: 'latn' }).toString()
}

/** Marks a sentence of a table that is made before the translations are loaded. `say` translates it where it is shown. */
export const mark = <T extends string>(sentence: T): T => sentence

/** A sentence in the user's language. @param sentence in English, which is its key in the translations */
export function say(sentence: string, values: Values = {}): string {
  return fill(translated(sentence), values)
}

/** A sentence about a number, which is `{count}` in it. @param one the sentence if the number is 1 @param other its key */
export function sayCount(count: number, one: string, other: string, values: Values = {}): string {
  const forms = (words[other] as Record<string, string> | undefined) ?? { one, other }
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms['other']!
  return fill(form, { ...values, count: count.toLocaleString(locale) })
}

/** The server writes in English only. @param instead what a page in another language shows in the place of its sentence */
export const fromServer = (sentence: string, instead: string) =>
  locale.startsWith('en') ? sentence : instead

/** A sentence with elements in the place of its values. */
export function sayWith(sentence: string, parts: Readonly<Record<string, ComponentChildren>>) {
  return translated(sentence)
    .split(/\{(\w+)\}/)
    .map((text, at) => (at % 2 === 0 ? text : parts[text]))
}

const translated = (sentence: string) => (words[sentence] as string | undefined) ?? sentence

/** A value can have another direction than the sentence: Unicode isolates keep them apart (UAX #9, §2.4.2). */
const fill = (sentence: string, values: Values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name: string) =>
    isRtl ? `\u2068${values[name]}\u2069` : `${values[name]}`,
  )
