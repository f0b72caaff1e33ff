/** Names and codes that whisper uses and that Unicode CLDR does not know. */
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

/** All two-letter codes by their English names: whisper-1 answers `english`, others `en`. Built on first use, because it takes 20 ms. */
function codesByName(): ReadonlyMap<string, string> {
  if (codes) return codes
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
  codes = new Map([
    ...[...'abcdefghijklmnopqrstuvwxyz'].flatMap((first, _, letters) =>
      letters.flatMap(second => {
        const name = names.of(first + second)
        // Some languages have a second, deprecated code, such as `iw` for Hebrew.
        return name ? [[name.toLowerCase(), Intl.getCanonicalLocales(first + second)[0]!] as const] : []
      }),
    ),
    ...WHISPER,
  ])
  return codes
}

/** @param language the name or the code of a language, as a service wrote it. @returns its code; null if it is neither. */
export function languageCode(language: unknown): string | null {
  if (typeof language !== 'string') return null
  // ISO 639-2 lists several names for some languages: `Spanish; Castilian`.
  const name = language.split(';')[0]!.trim().toLowerCase().replaceAll('_', '-')
  if (name === 'und' || name === 'unknown' || name === 'auto') return null
  // The shortest code is the language's (RFC 5646 §4.5): `de` for `deu`.
  if (/^[a-z]{3}$/.test(name) && !codesByName().has(name)) return Intl.getCanonicalLocales(name)[0]!
  return codesByName().get(name) ?? (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(name) ? name : null)
}

/** The language as OpenAI's API expects it (ISO 639-1): the first part of a tag such as `pt-BR`. */
export function languageField(language: string): string {
  return language.split('-')[0]!.toLowerCase()
}
