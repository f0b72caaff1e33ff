import type { ByteRange } from '../objects/object-storage.ts'

/** If a header has more ranges, the whole content is sent, because many small ranges are expensive for the server. */
const MAX_RANGES = 50
/** Ranges with a smaller gap are sent as one, because the headers of a separate part would be longer (RFC 9110 §15.3.7.2). */
const MERGED_GAP_BYTES = 100

/**
 * Parses a Range header (RFC 9110 §14.1, §14.2) for content of `size` bytes. The ranges are in ascending order and do not overlap.
 * @returns undefined if the header must be ignored, because its unit or form is unknown or it has too many ranges.
 */
export function parseByteRanges(header: string, size: number): ByteRange[] | 'unsatisfiable' | undefined {
  const [, set] = /^bytes=(.*)$/i.exec(header.trim()) ?? []
  // RFC 9110 §5.6.1.2: empty elements of a list are ignored.
  const specs = set
    ?.split(',')
    .map(spec => spec.trim())
    .filter(Boolean)
  if (!specs || specs.length === 0 || specs.length > MAX_RANGES) return undefined
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const [, first = '', last = ''] = /^(\d*)-(\d*)$/.exec(spec) ?? []
    if (first === '' && last === '') return undefined
    if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
    const start = first === '' ? Math.max(size - Number(last), 0) : Number(first)
    const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
    if (start <= end) ranges.push({ start, end })
  }
  return ranges.length > 0 ? coalesce(ranges) : 'unsatisfiable'
}

function coalesce(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: ByteRange[] = []
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const before = merged.at(-1)
    if (before && range.start <= before.end + MERGED_GAP_BYTES)
      merged[merged.length - 1] = { start: before.start, end: Math.max(before.end, range.end) }
    else merged.push(range)
  }
  return merged
}
