import { useEffect, useRef, useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { clock } from '../format.ts'
import { loadStoryboard, type Thumbnail } from '../parts/storyboard.ts'

/** Time that the pointer rests on a card before its storyboard is loaded. */
const REST_MS = 150
const MAX_STORYBOARDS = 40

const storyboards = new Map<string, Promise<readonly Thumbnail[]>>()

/** The storyboard of a video; undefined until it is loaded, and if there is none. */
export function useStoryboard({ links }: Pick<Video, 'links'>): readonly Thumbnail[] | undefined {
  const [thumbnails, setThumbnails] = useState<readonly Thumbnail[]>()
  const { storyboard_vtt, storyboard } = links
  useEffect(() => {
    if (!storyboard_vtt) return
    let isGone = false
    const loading = storyboards.get(storyboard_vtt) ?? loadStoryboard(storyboard_vtt, storyboard)
    storyboards.set(storyboard_vtt, loading)
    if (storyboards.size > MAX_STORYBOARDS) storyboards.delete(storyboards.keys().next().value!)
    loading.then(
      found => isGone || setThumbnails(found),
      () => storyboards.delete(storyboard_vtt),
    )
    return () => {
      isGone = true
    }
  }, [storyboard_vtt, storyboard])
  return thumbnails
}

/** The position of a mouse over an element, from 0 at its left to 1, once the mouse has rested there. */
export function useScrubbing({ links }: Pick<Video, 'links'>) {
  const [fraction, setFraction] = useState<number>()
  const timer = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  if (!links.storyboard_vtt) return { fraction: undefined, handlers: {} }
  const at = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - left) / width))
  }
  return {
    fraction,
    handlers: {
      onPointerEnter: (event: PointerEvent) => {
        if (event.pointerType !== 'mouse') return
        const start = at(event)
        timer.current = window.setTimeout(() => setFraction(start), REST_MS)
      },
      onPointerMove: (event: PointerEvent) => {
        if (fraction !== undefined) setFraction(at(event))
      },
      onPointerLeave: () => {
        clearTimeout(timer.current)
        setFraction(undefined)
      },
    },
  }
}

/** The frame at a position of the video, over its poster. */
export function StoryboardPreview({ video, fraction }: { video: Video; fraction: number }) {
  const thumbnails = useStoryboard(video)
  const last = thumbnails?.at(-1)
  if (!thumbnails || !last) return null
  const seconds = fraction * last.end
  return (
    <span class="preview" aria-hidden="true">
      <Frame thumbnails={thumbnails} seconds={seconds} />
      <span class="preview-position" style={{ width: `${100 * fraction}%` }} />
      <span class="preview-time">{clock(seconds)}</span>
    </span>
  )
}

/** One picture of a storyboard, which fills its container. */
export function Frame({ thumbnails, seconds }: { thumbnails: readonly Thumbnail[]; seconds: number }) {
  const shown = thumbnails.find(({ end }) => seconds < end) ?? thumbnails.at(-1)!
  const { x, y, width, height, image } = shown
  const sheetWidth = Math.max(...thumbnails.map(each => each.x + each.width))
  const sheetHeight = Math.max(...thumbnails.map(each => each.y + each.height))
  const share = (offset: number, rest: number) => (rest > 0 ? (100 * offset) / rest : 0)
  return (
    <span
      class={width / height < 16 / 9 ? 'frame tall' : 'frame'}
      style={{
        aspectRatio: `${width} / ${height}`,
        backgroundImage: `url("${image}")`,
        backgroundSize: `${(100 * sheetWidth) / width}% ${(100 * sheetHeight) / height}%`,
        backgroundPosition: `${share(x, sheetWidth - width)}% ${share(y, sheetHeight - height)}%`,
      }}
    />
  )
}
