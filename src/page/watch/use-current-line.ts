import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Segment } from '../api/types.ts'
import { bringIntoView, lineElement } from './line-elements.ts'

/** After a manual scroll, the list does not follow the video for this time. */
const MANUAL_SCROLL_MS = 4000

interface CurrentLineOptions {
  readonly segments: readonly Segment[]
  readonly media: RefObject<HTMLVideoElement>
  readonly list: RefObject<HTMLElement>
  /** The number of rendered lines. */
  readonly shown: number
}

/** Marks the line that is spoken, and scrolls to it. @returns a function to call when the user scrolls */
export function useCurrentLine({ segments, media, list, shown }: CurrentLineOptions): () => void {
  const scrolledMs = useRef(Number.NEGATIVE_INFINITY)
  const marked = useRef<Element>()
  useEffect(() => {
    const element = media.current
    if (!element) return
    const mark = () => {
      const now = lineAt(segments, element.currentTime)
      if (now >= shown) return
      const line = lineElement(list.current!, now)
      if (line === marked.current && (!line || line.hasAttribute('aria-current'))) return
      marked.current?.removeAttribute('aria-current')
      line?.setAttribute('aria-current', 'true')
      marked.current = line
      // Not at the start of the video, because a search may have scrolled elsewhere.
      if (line && performance.now() - scrolledMs.current > MANUAL_SCROLL_MS && element.currentTime > 0)
        bringIntoView(list.current!, line)
    }
    mark()
    const names = ['timeupdate', 'seeking'] as const
    for (const name of names) element.addEventListener(name, mark)
    return () => {
      for (const name of names) element.removeEventListener(name, mark)
    }
  }, [segments, shown])
  return () => {
    scrolledMs.current = performance.now()
  }
}

/** Index of the last line that starts at or before a time; -1 before the first. @param time seconds */
export function lineAt(segments: readonly Segment[], time: number): number {
  let [low, high] = [0, segments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle]!.start <= time + 0.05) low = middle + 1
    else high = middle
  }
  return low - 1
}
