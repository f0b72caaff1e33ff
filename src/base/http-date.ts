const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
const FORMATS = [
  new RegExp(String.raw`^\w{3}, (?<d>\d\d) (?<m>${MONTHS}) (?<y>\d{4}) (?<t>\d\d:\d\d:\d\d) GMT$`),
  new RegExp(String.raw`^\w{6,9}, (?<d>\d\d)-(?<m>${MONTHS})-(?<y>\d\d) (?<t>\d\d:\d\d:\d\d) GMT$`),
  new RegExp(String.raw`^\w{3} (?<m>${MONTHS}) (?<d>[ \d]\d) (?<t>\d\d:\d\d:\d\d) (?<y>\d{4})$`),
]

/**
 * Reads an HTTP date in one of its three formats (RFC 9110 §5.6.7). `Date.parse` alone accepts far more, such as "1".
 * @returns milliseconds since 1970; undefined if the text is not such a date.
 */
export function parseHttpDate(text: string): number | undefined {
  for (const format of FORMATS) {
    const { d, m, y, t } = format.exec(text.trim())?.groups ?? {}
    if (!d || !m || !y || !t) continue
    const date = Date.parse(`${d.trim()} ${m} ${y.length === 2 ? fullYear(Number(y)) : y} ${t} GMT`)
    return Number.isNaN(date) ? undefined : date
  }
  return undefined
}

/** RFC 9110 §5.6.7: a two-digit year that would be more than 50 years in the future is in the past. */
function fullYear(year: number): number {
  const now = new Date().getUTCFullYear()
  const guess = Math.floor(now / 100) * 100 + year
  return guess > now + 50 ? guess - 100 : guess
}
