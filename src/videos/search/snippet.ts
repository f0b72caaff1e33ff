import type { Word } from './search-text.ts'

/** Approximate number of characters before the first hit of a snippet; after it, twice as many. */
const CONTEXT_CHARACTERS = 80

/** A part of a snippet, as plain text. `hit` if it matches the query. */
export interface SnippetPart {
  readonly text: string
  readonly hit: boolean
}

/** The text around the first hit. @param hits in any order. */
export function snippetOf(text: string, hits: readonly Word[]): SnippetPart[] {
  const sorted = hits.toSorted((a, b) => a.start - b.start)
  const from = Math.max(0, sorted[0]!.start - CONTEXT_CHARACTERS)
  const to = Math.min(text.length, sorted[0]!.end + 2 * CONTEXT_CHARACTERS)
  const begin = from === 0 ? 0 : nextSpace(text, from, sorted[0]!.start)
  const end = to === text.length ? to : lastSpace(text, sorted[0]!.end, to)
  const parts: SnippetPart[] = [{ text: begin > 0 ? '…' : '', hit: false }]
  let at = begin
  for (const hit of sorted.filter(({ end: last }) => last <= end)) {
    parts.push(
      { text: text.slice(at, hit.start), hit: false },
      { text: text.slice(hit.start, hit.end), hit: true },
    )
    at = hit.end
  }
  parts.push({ text: text.slice(at, end) + (end < text.length ? '…' : ''), hit: false })
  return merged(parts)
}

/** A snippet is cut between words if the text has spaces, and never inside a surrogate pair. */
function nextSpace(text: string, from: number, limit: number): number {
  const space = text.slice(from, limit).search(/\s/)
  return space >= 0 ? from + space + 1 : from + Number(/[\udc00-\udfff]/.test(text.charAt(from)))
}

function lastSpace(text: string, from: number, limit: number): number {
  const space = text.slice(from, limit).search(/\s\S*$/)
  return space >= 0 ? from + space : limit - Number(/[\ud800-\udbff]/.test(text.charAt(limit - 1)))
}

function merged(parts: readonly SnippetPart[]): SnippetPart[] {
  const result: SnippetPart[] = []
  for (const part of parts) {
    const before = result.at(-1)
    if (part.text === '') continue
    if (before?.hit === part.hit) result[result.length - 1] = { ...before, text: before.text + part.text }
    else result.push(part)
  }
  return result
}

/** The whole text. @param hits in any order. */
export function markedText(text: string, hits: readonly Word[]): SnippetPart[] {
  const parts: SnippetPart[] = []
  let at = 0
  for (const { start, end } of hits.toSorted((a, b) => a.start - b.start)) {
    parts.push({ text: text.slice(at, start), hit: false }, { text: text.slice(start, end), hit: true })
    at = end
  }
  return merged([...parts, { text: text.slice(at), hit: false }])
}
