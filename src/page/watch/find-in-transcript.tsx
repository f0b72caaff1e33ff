import type { RefObject } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Segment } from '../api/types.ts'
import { number } from '../format.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { location } from '../router.ts'
import { bringIntoView, lineElement } from './line-elements.ts'

/** The search for a single letter would find a hundred thousand matches in a long talk. */
const MAX_MATCHES = 2000

interface Match {
  readonly line: number
  readonly from: number
  readonly to: number
}

/** Finds words and moves from match to match. Starts with the words of the library's search. */
export function FindInTranscript({
  segments,
  list,
  shown,
}: {
  segments: readonly Segment[]
  list: RefObject<HTMLElement>
  /** The number of rendered lines. */
  shown: number
}) {
  const [words, setWords] = useState(() => location.value.searchParams.get('q') ?? '')
  const matches = useMemo(() => findAll(segments, words.trim()), [segments, words])
  const [at, setAt] = useState(() => {
    // A link to a moment starts at the match there.
    const start = Number(location.value.searchParams.get('t')) - 0.05
    return Math.max(
      0,
      matches.findIndex(({ line }) => segments[line]!.start >= start),
    )
  })
  const current = matches.length > 0 ? at % matches.length : -1
  const line = matches[current]?.line ?? -1
  const isRendered = line >= 0 && line < shown
  useEffect(() => {
    if (isRendered) bringIntoView(list.current!, lineElement(list.current!, line)!)
  }, [matches, current, isRendered])
  useEffect(() => highlight(list.current!, matches, current), [matches, current, shown])
  const step = { class: 'small', disabled: matches.length === 0 }
  const move = (by: number) => setAt((current + by + matches.length) % matches.length)
  return (
    <search class="find">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Find in the transcript"
        placeholder="Find in the transcript"
        value={words}
        onInput={event => {
          setWords(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && matches.length > 0) move(event.shiftKey ? -1 : 1)
        }}
      />
      <span class="find-count" role="status">
        {words.trim() &&
          (matches.length > 0
            ? `${number(current + 1)} of ${number(matches.length)}${matches.length < MAX_MATCHES ? '' : '+'}`
            : 'No matches')}
      </span>
      <IconButton {...step} label="Previous match" icon="up" onClick={() => move(-1)} />
      <IconButton {...step} label="Next match" icon="down" onClick={() => move(1)} />
    </search>
  )
}

/** Ignores case. If the words never occur together, finds each of them. */
function findAll(segments: readonly Segment[], words: string): Match[] {
  if (words === '') return []
  const find = (pattern: string) => {
    const found: Match[] = []
    for (const [line, { text }] of segments.entries()) {
      for (const { index, 0: match } of text.matchAll(new RegExp(pattern, 'giu'))) {
        found.push({ line, from: index, to: index + match.length })
        if (found.length === MAX_MATCHES) return found
      }
    }
    return found
  }
  const escaped = words.split(/\s+/).map(word => word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  const whole = find(escaped.join('\\s+'))
  return whole.length > 0 ? whole : find(escaped.join('|'))
}

/** Marks the matches with the CSS Custom Highlight API, which does not change elements. @returns a function that removes the marks */
function highlight(list: HTMLElement, matches: readonly Match[], current: number): () => void {
  if (!('highlights' in CSS)) return () => {}
  const ranges = matches.flatMap(({ line, from, to }) => {
    const text = lineElement(list, line)?.querySelector('[data-text]')?.firstChild
    if (!text) return []
    const range = new Range()
    range.setStart(text, from)
    range.setEnd(text, to)
    return range
  })
  CSS.highlights.set('found', new Highlight(...ranges))
  if (ranges[current]) {
    const one = new Highlight(ranges[current])
    one.priority = 1
    CSS.highlights.set('found-current', one)
  }
  return () => {
    CSS.highlights.delete('found')
    CSS.highlights.delete('found-current')
  }
}
