import { UNSPACED_SCRIPTS } from '../../base/unspaced-scripts.ts'

/** The text search configurations of PostgreSQL 15, by language (ISO 639). In all other languages words match as written. */
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  ar: 'arabic',
  hy: 'armenian',
  eu: 'basque',
  ca: 'catalan',
  da: 'danish',
  nl: 'dutch',
  en: 'english',
  fi: 'finnish',
  fr: 'french',
  de: 'german',
  el: 'greek',
  hi: 'hindi',
  hu: 'hungarian',
  id: 'indonesian',
  ga: 'irish',
  it: 'italian',
  lt: 'lithuanian',
  ne: 'nepali',
  no: 'norwegian',
  nb: 'norwegian',
  nn: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sr: 'serbian',
  es: 'spanish',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
  yi: 'yiddish',
}

/** The text search configuration for a language tag (BCP 47), or for an English name, which some speech-to-text servers return. */
export function searchConfigOf(language: string | null | undefined): string {
  const primary = language?.toLowerCase().split('-')[0] ?? ''
  if (Object.hasOwn(CONFIGURATIONS, primary)) return CONFIGURATIONS[primary]!
  return Object.values(CONFIGURATIONS).includes(primary) ? primary : 'simple'
}

export interface Word {
  /** In lower case, and without accents on Latin letters. */
  readonly folded: string
  /** Offsets in the text. */
  readonly start: number
  readonly end: number
}

/** In a script without spaces, each character with its marks counts as a word, and several as a phrase. So a word is found inside a sentence. */
const WORD = new RegExp(
  String.raw`[${UNSPACED_SCRIPTS}]\p{M}*|(?:(?![${UNSPACED_SCRIPTS}])[\p{L}\p{N}\p{M}])+`,
  'gu',
)

const ASCII = /^[\x00-\x7f]*$/

/** Divides a text into words. Documents and queries are divided in the same way. */
export function wordsOf(text: string): Word[] {
  // Most texts are ASCII, and this takes a tenth of the time.
  if (ASCII.test(text)) {
    return Array.from(text.matchAll(/[A-Za-z0-9]+/g), ({ 0: word, index }) => ({
      folded: word.toLowerCase(),
      start: index,
      end: index + word.length,
    }))
  }
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    folded: fold(word),
    start: index,
    end: index + word.length,
  })).filter(({ folded }) => folded !== '')
}

/** The folded words of a text. Joined with spaces, they are what PostgreSQL parses. */
export function foldedWords(text: string): string[] {
  return wordsOf(text).map(({ folded }) => folded)
}

/** Folds a word and removes everything except letters, digits and marks. */
function fold(word: string): string {
  return foldLetters(word).replace(/[^\p{L}\p{N}\p{M}]/gu, '')
}

/** Converts a text to lower case and removes accents from Latin letters. In other scripts marks form other letters (й) or are vowels. */
export function foldLetters(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  const lower = text.normalize('NFKD').toLowerCase()
  const plain = lower.replace(/(?<=\p{Script=Latin})[\u0300-\u036f]+/gu, '').normalize('NFKC')
  return plain
    .replaceAll('ß', 'ss')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('đ', 'd')
    .replaceAll('ı', 'i')
}
