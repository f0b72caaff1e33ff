import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Segment } from '../api/types.ts'
import { clock } from '../format.ts'
import { memo } from '../parts/memo.ts'
import { FindInTranscript } from './find-in-transcript.tsx'
import { bringIntoView, lineElement, moveAlong } from './line-elements.ts'
import { SLICE, sliceStarts, useLinesSoFar } from './lines-so-far.ts'

/** Milliseconds for which somebody who has scrolled by hand is left alone. */
const LEFT_ALONE = 4000

interface TranscriptLinesProps {
  readonly segments: readonly Segment[]
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
}

/** The transcript to read: the line that is spoken is lit and in view, any line leads to its moment. */
export function TranscriptLines({ segments, media, onSeek }: TranscriptLinesProps) {
  const list = useRef<HTMLDivElement>(null)
  const scrolled = useRef(0)
  const shown = useLinesSoFar(segments.length)
  const lit = useRef(-1)
  useEffect(() => {
    const element = media.current
    if (!element) return
    const light = () => {
      const now = lineAt(segments, element.currentTime)
      if (now === lit.current || now >= shown) return
      const line = lineElement(list.current!, now)
      lineElement(list.current!, lit.current)?.removeAttribute('aria-current')
      line?.setAttribute('aria-current', 'true')
      lit.current = now
      // At the very beginning there is nothing to follow, and a search may have led elsewhere.
      if (line && performance.now() - scrolled.current > LEFT_ALONE && element.currentTime > 0)
        bringIntoView(list.current!, line)
    }
    light()
    const names = ['timeupdate', 'seeking'] as const
    for (const name of names) element.addEventListener(name, light)
    return () => {
      for (const name of names) element.removeEventListener(name, light)
    }
  }, [segments, shown])
  return (
    <>
      <FindInTranscript segments={segments} list={list} shown={shown} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons within */}
      <div
        ref={list}
        class="lines"
        onWheel={() => {
          scrolled.current = performance.now()
        }}
        onTouchMove={() => {
          scrolled.current = performance.now()
        }}
        onKeyDown={moveAlong}
      >
        {sliceStarts(shown).map(from => (
          <Lines key={from} segments={segments} from={from} onSeek={onSeek} />
        ))}
      </div>
    </>
  )
}

const Lines = memo(
  ({
    segments,
    from,
    onSeek,
  }: Pick<TranscriptLinesProps, 'segments' | 'onSeek'> & { readonly from: number }) => (
    <ul aria-label="Lines of the transcript">
      {segments.slice(from, from + SLICE).map(({ start, text, speaker }, index) => (
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
            tabIndex={from + index === 0 ? 0 : -1}
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
    </ul>
  ),
  ['segments'],
)

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
