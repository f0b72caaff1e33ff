import { useEffect, useState } from 'preact/hooks'
import type { Chapter, Video } from '../api/types.ts'
import { clock, spokenClock } from '../format.ts'
import { say } from '../locale/say.ts'
import { loadStoryboard, type Thumbnail } from '../parts/storyboard.ts'

const KEY_STEPS_S: Readonly<Record<string, number>> = {
  ArrowLeft: -5,
  ArrowRight: 5,
  ArrowDown: -5,
  ArrowUp: 5,
  PageDown: -30,
  PageUp: 30,
}

interface SeekBarProps {
  /** Seconds. */
  readonly time: number
  /** Seconds. */
  readonly duration: number
  /** End of the loaded part, in seconds. */
  readonly buffered: number
  readonly chapters: readonly Chapter[]
  readonly links: Pick<Video['links'], 'storyboard' | 'storyboard_vtt'>
  readonly onSeek: (seconds: number) => void
}

/** The position in the video, with a thumbnail of the position under the pointer. */
export function SeekBar({ time, duration, buffered, chapters, links, onSeek }: SeekBarProps) {
  const [pointer, setPointer] = useState<{ part: number; width: number }>()
  const [thumbnails, setThumbnails] = useState<readonly Thumbnail[]>([])
  const hovered = pointer !== undefined
  useEffect(() => {
    if (hovered && links.storyboard_vtt)
      loadStoryboard(links.storyboard_vtt, links.storyboard).then(setThumbnails, () => {})
  }, [hovered && links.storyboard_vtt])
  const at = pointer ? pointer.part * duration : 0
  const thumbnail = thumbnails.find(({ start, end }) => at >= start && at < end) ?? thumbnails.at(-1)
  const [chapter, now] = [chapterAt(chapters, at), chapterAt(chapters, time)]
  const half = (thumbnail?.width ?? 56) / 2
  return (
    <div
      class="seek"
      onPointerMove={event => {
        const box = event.currentTarget.getBoundingClientRect()
        const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
        setPointer({ part, width: box.width })
      }}
      onPointerLeave={() => setPointer(undefined)}
    >
      <div class="seek-track" aria-hidden="true">
        <div class="seek-buffered" style={{ width: `${(100 * buffered) / (duration || 1)}%` }} />
        <div class="seek-played" style={{ width: `${(100 * time) / (duration || 1)}%` }} />
        {chapters.map(({ start }) => (
          <div key={start} class="seek-chapter" style={{ left: `${(100 * start) / (duration || 1)}%` }} />
        ))}
      </div>
      <input
        type="range"
        aria-label={say('Seek')}
        min={0}
        max={duration || 1}
        step="any"
        value={time}
        aria-valuetext={[
          say('{time} of {duration}', { time: spokenClock(time), duration: spokenClock(duration) }),
          ...(now ? [now.title] : []),
        ].join(say(', '))}
        onInput={event => onSeek(Number(event.currentTarget.value))}
        onKeyDown={event => {
          // The usual steps of a range input would be too small to notice.
          const step = KEY_STEPS_S[event.key]
          if (step === undefined) return
          event.preventDefault()
          event.stopPropagation()
          onSeek(Math.min(duration, Math.max(0, time + step)))
        }}
      />
      {pointer && duration > 0 && (
        <div
          class="seek-preview"
          aria-hidden="true"
          style={{
            left: `${Math.min(pointer.width - half, Math.max(half, pointer.part * pointer.width))}px`,
          }}
        >
          {thumbnail && (
            <div
              class="seek-thumbnail"
              style={{
                width: `${thumbnail.width}px`,
                height: `${thumbnail.height}px`,
                backgroundImage: `url("${thumbnail.image}")`,
                backgroundPosition: `-${thumbnail.x}px -${thumbnail.y}px`,
              }}
            />
          )}
          {chapter && <span>{chapter.title}</span>}
          <span>{clock(at)}</span>
        </div>
      )}
    </div>
  )
}

/** The chapter at a time; undefined between chapters. @param seconds from the start of the video */
export function chapterAt(chapters: readonly Chapter[], seconds: number): Chapter | undefined {
  return chapters.find(({ start, end }) => seconds >= start && seconds < end)
}
