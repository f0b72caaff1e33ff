import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Segment } from '../api/videos.ts'
import { clock } from '../format.ts'
import { memo } from '../parts/memo.ts'
import { FindInTranscript } from './find-in-transcript.tsx'

/** Milliseconds for which somebody who has scrolled by hand is left alone. */
const LEFT_ALONE = 4000

interface TranscriptLinesProps {
  readonly segments: readonly Segment[]
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
}

/** The transcript to read: the line that is spoken is lit and in view, any line leads to its moment. */
export function TranscriptLines({ segments, media, onSeek }: TranscriptLinesProps) {
  const list = useRef<HTMLUListElement>(null)
  const scrolled = useRef(0)
  useEffect(() => {
    const element = media.current
    if (!element) return
    let lit = -1
    const light = () => {
      const now = lineAt(segments, element.currentTime)
      if (now === lit) return
      const lines = list.current!.children
      lines[lit]?.removeAttribute('aria-current')
      lines[now]?.setAttribute('aria-current', 'true')
      lit = now
      if (lines[now] && performance.now() - scrolled.current > LEFT_ALONE && !element.paused)
        bringIntoView(list.current!, lines[now] as HTMLElement)
    }
    light()
    const names = ['timeupdate', 'seeking'] as const
    for (const name of names) element.addEventListener(name, light)
    return () => {
      for (const name of names) element.removeEventListener(name, light)
    }
  }, [segments])
  return (
    <>
      <FindInTranscript segments={segments} list={list} />
      <ul
        ref={list}
        class="lines"
        aria-labelledby="transcript-title"
        onWheel={() => {
          scrolled.current = performance.now()
        }}
        onTouchMove={() => {
          scrolled.current = performance.now()
        }}
        onKeyDown={moveAlong}
      >
        <Lines segments={segments} onSeek={onSeek} />
      </ul>
    </>
  )
}

const Lines = memo(
  ({ segments, onSeek }: Pick<TranscriptLinesProps, 'segments' | 'onSeek'>) => (
    <>
      {segments.map(({ start, text, speaker }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the button within does the same
        <li
          key={`${start}-${index}`}
          class="line"
          onClick={() => {
            // Whoever marks words to copy them does not want to go elsewhere.
            if (getSelection()?.isCollapsed !== false) onSeek(start)
          }}
        >
          <button
            type="button"
            class="line-time"
            tabIndex={index === 0 ? 0 : -1}
            aria-label={`Play from ${clock(start)}`}
          >
            {clock(start)}
          </button>
          <p>
            {speaker && <b class="line-speaker">{speaker}: </b>}
            <span data-text>{text}</span>
          </p>
        </li>
      ))}
    </>
  ),
  ['segments'],
)

/** One stop for the Tab key, and the arrow keys from line to line: a long transcript does not stand in the way. */
export function moveAlong(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement
  const current = (event.target as Element).closest('li')
  const next = {
    ArrowDown: current?.nextElementSibling,
    ArrowUp: current?.previousElementSibling,
    Home: list.firstElementChild,
    End: list.lastElementChild,
  }[event.key]
  const button = next?.querySelector('button')
  if (!button || event.target instanceof HTMLTextAreaElement) return
  event.preventDefault()
  event.stopPropagation()
  for (const each of list.querySelectorAll('button[tabindex="0"]')) each.setAttribute('tabindex', '-1')
  button.tabIndex = 0
  button.focus()
}

/** The line that is spoken at a time, or was last; -1 before the first. @param time seconds */
export function lineAt(segments: readonly Segment[], time: number): number {
  let [low, high] = [0, segments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle]!.start <= time + 0.05) low = middle + 1
    else high = middle
  }
  return low - 1
}

export function bringIntoView(list: HTMLElement, line: HTMLElement): void {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const top = line.offsetTop - list.offsetTop - list.clientHeight / 3
  list.scrollTo({ top, behavior: calm ? 'auto' : 'smooth' })
}
