import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Segment } from '../api/types.ts'
import { clock } from '../format.ts'
import { memo } from '../parts/memo.ts'
import { FindInTranscript } from './find-in-transcript.tsx'
import { bringIntoView, lineElement, moveAlong } from './line-elements.ts'
import { SLICE_LINES, sliceStarts, useLinesSoFar } from './lines-so-far.ts'

/** After a manual scroll, the list does not follow the video for this time. */
const MANUAL_SCROLL_MS = 4000

interface TranscriptLinesProps {
  readonly segments: readonly Segment[]
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
}

/** Shows the transcript. The current line is highlighted and scrolled into view. A click on a line plays the video from there. */
export function TranscriptLines({ segments, media, onSeek }: TranscriptLinesProps) {
  const list = useRef<HTMLDivElement>(null)
  const scrolledMs = useRef(0)
  const shown = useLinesSoFar(segments.length)
  const current = useRef(-1)
  useEffect(() => {
    const element = media.current
    if (!element) return
    const highlight = () => {
      const now = lineAt(segments, element.currentTime)
      if (now === current.current || now >= shown) return
      const line = lineElement(list.current!, now)
      lineElement(list.current!, current.current)?.removeAttribute('aria-current')
      line?.setAttribute('aria-current', 'true')
      current.current = now
      // Not at the start of the video, because a search may have scrolled elsewhere.
      if (line && performance.now() - scrolledMs.current > MANUAL_SCROLL_MS && element.currentTime > 0)
        bringIntoView(list.current!, line)
    }
    highlight()
    const names = ['timeupdate', 'seeking'] as const
    for (const name of names) element.addEventListener(name, highlight)
    return () => {
      for (const name of names) element.removeEventListener(name, highlight)
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
          scrolledMs.current = performance.now()
        }}
        onTouchMove={() => {
          scrolledMs.current = performance.now()
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
      {segments.slice(from, from + SLICE_LINES).map(({ start, text, speaker }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the button within does the same
        <li
          key={`${start}-${index}`}
          class="line"
          onClick={() => {
            // A click that selects text does not seek.
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
