import type { Segment } from '../api/types.ts'
import { lineElement } from './line-elements.ts'

/** The search for a single letter would find a hundred thousand matches in a long talk. */
export const MAX_MATCHES = 2000

export interface Match {
  /** Index of the line. */
  readonly line: number
  readonly from: number
  readonly to: number
}

/** A pattern for words in this order. It ignores case. @param words not blank */
export function wordsPattern(words: string): RegExp {
  return new RegExp(escaped(words).join('\\s+'), 'giu')
}

/**
 * Finds words in lines.
 * @param isExact false to find each of the words if they never occur together
 */
export function findAll(
  segments: readonly Pick<Segment, 'text'>[],
  words: string,
  isExact: boolean,
): Match[] {
  if (words === '') return []
  const whole = find(segments, wordsPattern(words))
  return whole.length > 0 || isExact ? whole : find(segments, new RegExp(escaped(words).join('|'), 'giu'))
}

function find(segments: readonly Pick<Segment, 'text'>[], pattern: RegExp): Match[] {
  const found: Match[] = []
  for (const [line, { text }] of segments.entries()) {
    for (const { index, 0: match } of text.matchAll(pattern)) {
      found.push({ line, from: index, to: index + match.length })
      if (found.length === MAX_MATCHES) return found
    }
  }
  return found
}

function escaped(words: string): string[] {
  return words.split(/\s+/).map(word => word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
}

/** Marks the matches with the CSS Custom Highlight API, which does not change elements. @returns a function that removes the marks */
export function highlight(list: HTMLElement, matches: readonly Match[], current: number): () => void {
  if (!('highlights' in CSS)) return () => {}
  const rangeOf = ({ line, from, to }: Match) => {
    const text = lineElement(list, line)?.querySelector('[data-text]')?.firstChild
    if (!text || to > text.textContent!.length) return []
    const range = new Range()
    range.setStart(text, from)
    range.setEnd(text, to)
    return [range]
  }
  CSS.highlights.set('found', new Highlight(...matches.flatMap(rangeOf)))
  const one = new Highlight(...matches.slice(current, current + 1).flatMap(rangeOf))
  one.priority = 1
  CSS.highlights.set('found-current', one)
  return () => {
    CSS.highlights.delete('found')
    CSS.highlights.delete('found-current')
  }
}
