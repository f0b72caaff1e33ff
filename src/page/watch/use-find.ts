import type { RefObject } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Segment } from '../api/types.ts'
import { location } from '../router.ts'
import { findAll, highlight, type Match } from './find-matches.ts'
import { bringIntoView, lineElement } from './line-elements.ts'

export interface Finding {
  readonly words: string
  readonly setWords: (words: string) => void
  readonly matches: readonly Match[]
  /** Index of the match that is shown; -1 if there is none. */
  readonly current: number
  readonly move: (by: number) => void
}

interface FindOptions {
  readonly segments: readonly Pick<Segment, 'start' | 'text'>[]
  readonly list: RefObject<HTMLElement>
  /** The number of rendered lines. */
  readonly shown: number
  /** Whether to find only the words together, and to begin without words. */
  readonly isExact: boolean
}

/** Finds words, marks them and scrolls to a match. Without `isExact`, it starts with the words of the library's search. */
export function useFind({ segments, list, shown, isExact }: FindOptions): Finding {
  const [words, setWords] = useState(() => (isExact ? '' : (location.value.searchParams.get('q') ?? '')))
  const matches = useMemo(() => findAll(segments, words.trim(), isExact), [segments, words])
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
  }, [words, line, current, isRendered])
  useEffect(() => highlight(list.current!, matches, current), [matches, current, shown])
  return {
    words,
    setWords: next => {
      setWords(next)
      setAt(0)
    },
    matches,
    current,
    move: by => setAt((current + by + matches.length) % Math.max(1, matches.length)),
  }
}
