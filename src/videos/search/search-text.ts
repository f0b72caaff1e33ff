/** Languages that PostgreSQL 15 has a text search configuration for, by their code (ISO 639). For all others words are found as they are. */
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

/** The text search configuration for a language tag (BCP 47) or, as some speech-to-text servers say it, its English name. */
export function searchConfigOf(language: string | null | undefined): string {
  const primary = language?.toLowerCase().split('-')[0] ?? ''
  if (Object.hasOwn(CONFIGURATIONS, primary)) return CONFIGURATIONS[primary]!
  return Object.values(CONFIGURATIONS).includes(primary) ? primary : 'simple'
}

export interface Word {
  /** As it is searched for: in lower case, Latin letters without their accents. */
  readonly folded: string
  /** Where it stands in the text. */
  readonly start: number
  readonly end: number
}

/** Scripts that put no spaces between words: each of their characters is searched like a word, and several like a phrase. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`
const WORD = new RegExp(String.raw`[${UNSPACED}][\p{M}]*|(?:(?![${UNSPACED}])[\p{L}\p{N}\p{M}])+`, 'gu')

const ASCII = /^[\x00-\x7f]*$/

/** The words of a text, as documents and queries are both divided into. */
export function wordsOf(text: string): Word[] {
  // Most texts, at a tenth of the cost.
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

/** A text's words as they are searched. With spaces between them they are what the database's parser is given. */
export function foldedWords(text: string): string[] {
  return wordsOf(text).map(({ folded }) => folded)
}

/** A word as it is searched: letters, digits and marks alone. */
function fold(word: string): string {
  return foldLetters(word).replace(/[^\p{L}\p{N}\p{M}]/gu, '')
}

/** A text as its words are folded, with all that stands between them. Accents of other scripts can make other letters (й) or be vowels: they stay. */
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
