/** Names that whisper uses and that are not the English names of the Unicode consortium, and codes that nobody else uses. */
const WHISPER: readonly (readonly [string, string])[] = [
  ['bengali', 'bn'],
  ['burmese', 'my'],
  ['cantonese', 'yue'],
  ['castilian', 'es'],
  ['faroese', 'fo'],
  ['flemish', 'nl'],
  ['haitian', 'ht'],
  ['hawaiian', 'haw'],
  ['jw', 'jv'],
  ['letzeburgesch', 'lb'],
  ['mandarin', 'zh'],
  ['maori', 'mi'],
  ['moldavian', 'ro'],
  ['moldovan', 'ro'],
  ['myanmar', 'my'],
  ['nynorsk', 'nn'],
  ['panjabi', 'pa'],
  ['pushto', 'ps'],
  ['sinhalese', 'si'],
  ['tagalog', 'tl'],
  ['valencian', 'ca'],
]

let codes: ReadonlyMap<string, string> | undefined

/** Codes by their English names, of all two-letter codes: whisper-1 answers `english`, others `en`. Made when it is needed: it takes 20 ms. */
function codesByName(): ReadonlyMap<string, string> {
  if (codes) return codes
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
  codes = new Map([
    ...[...'abcdefghijklmnopqrstuvwxyz'].flatMap((first, _, letters) =>
      letters.flatMap(second => {
        const name = names.of(first + second)
        // Some languages have a second code that is out of use, such as `iw` for Hebrew.
        return name ? [[name.toLowerCase(), Intl.getCanonicalLocales(first + second)[0]!] as const] : []
      }),
    ),
    ...WHISPER,
  ])
  return codes
}

/** @returns the code of a language that a service names by name or by code; null where it is neither. */
export function languageCode(language: unknown): string | null {
  if (typeof language !== 'string') return null
  // ISO 639-2 has several names for some: `Spanish; Castilian`.
  const name = language.split(';')[0]!.trim().toLowerCase().replaceAll('_', '-')
  if (name === 'und' || name === 'unknown' || name === 'auto') return null
  // The shortest code is the language's (RFC 5646 §4.5): `de` for `deu`.
  if (/^[a-z]{3}$/.test(name) && !codesByName().has(name)) return Intl.getCanonicalLocales(name)[0]!
  return codesByName().get(name) ?? (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(name) ? name : null)
}

/** As OpenAI's API takes a language, ISO 639-1: the first part of a tag such as `pt-BR`. */
export function languageField(language: string): string {
  return language.split('-')[0]!.toLowerCase()
}
