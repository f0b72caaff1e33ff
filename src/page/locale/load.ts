import { setLanguage, type Words } from './say.ts'

/** The translations: a file for each language. English needs none, because its sentences are in the code. */
const FILES = import.meta.glob<Words>('./*.json', { import: 'default' })
const fileOf = (tag: string) => FILES[`./${new Intl.Locale(tag).language}.json`]

const RTL_SCRIPTS = ['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm']

/** Chooses the first of the browser's languages that the page has, and loads its translations. Without them, the page is in English. */
export async function loadWords(): Promise<void> {
  const tag = navigator.languages.find(each => /^en\b/i.test(each) || fileOf(each)) ?? 'en'
  const words = await fileOf(tag)?.().catch(() => undefined)
  const shown = words || /^en\b/i.test(tag) ? tag : 'en'
  const isRtl = RTL_SCRIPTS.includes(new Intl.Locale(shown).maximize().script ?? '')
  setLanguage({ tag: shown, isRtl, words: words ?? {} })
  Object.assign(document.documentElement, { lang: shown, dir: isRtl ? 'rtl' : 'ltr' })
}
