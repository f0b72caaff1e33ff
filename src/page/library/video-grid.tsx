import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ListedVideo } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { takeFocused, takeScroll } from '../router.ts'
import { CardMenu } from './card-menu.tsx'
import { moveAllToBin } from './deletion.ts'
import { clearSelection, selected, toggleSelected } from './selection.ts'
import { useRovingFocus } from './use-roving-focus.ts'
import { VideoCard } from './video-card.tsx'
import { useRowWindow } from './window-rows.ts'

/** The videos as cards. The whole grid is one stop of the Tab key; arrow keys move among the cards. */
export function VideoGrid({ videos }: { videos: readonly ListedVideo[] }) {
  const grid = useRef<HTMLUListElement>(null)
  const { columns, first, end, abovePx, heightPx, rowPx } = useRowWindow(grid, videos.length)
  const isMeasured = heightPx > 0
  const ids = videos.map(({ id }) => id)
  // Cards that have not changed keep their first handlers.
  const latest = useRef(ids)
  latest.current = ids
  const focus = useRovingFocus(grid, ids, { columns, rowPx })
  useLayoutEffect(() => {
    if (!isMeasured) return
    scrollTo(0, Math.max(scrollY, takeScroll()))
    const opened = takeFocused()
    if (opened) focus.moveToId(opened)
  }, [isMeasured])
  const [menu, setMenu] = useState<{ readonly video: ListedVideo; readonly anchor: HTMLElement }>()
  const remove = (video: ListedVideo) => {
    const isOne = !selected.value.has(video.id)
    void moveAllToBin(isOne ? [video] : videos.filter(({ id }) => selected.value.has(id)))
    if (!isOne) clearSelection()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const video = videos[focus.index]
    if (!video || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'x' || event.key === 'X') toggleSelected(video.id, event.shiftKey ? ids : undefined)
    else if (event.key === 'Delete') remove(video)
    else if (event.key === 'Escape' && selected.value.size > 0) clearSelection()
    else return focus.onKeyDown(event)
    event.preventDefault()
  }
  const card = (index: number, topPx?: number) => {
    const video = videos[index]!
    return (
      <VideoCard
        key={video.id}
        video={video}
        position={index + 1}
        isStop={index === focus.index}
        isSelected={selected.value.has(video.id)}
        topPx={topPx}
        onSelect={range => toggleSelected(video.id, range ? latest.current : undefined)}
        onMenu={anchor => setMenu({ video, anchor })}
      />
    )
  }
  // A card with the focus stays in the document when it is scrolled away.
  const isAway = focus.isInside() && (focus.index < first || focus.index >= end)
  return (
    <>
      <ul
        ref={grid}
        class={selected.value.size > 0 ? 'grid selecting' : 'grid'}
        data-results
        aria-label={say('Videos')}
        style={{ minHeight: `${heightPx}px`, paddingTop: `${abovePx}px` }}
        onKeyDown={onKeyDown}
        onFocusIn={focus.onFocusIn}
        onFocusOut={focus.onFocusOut}
      >
        {videos.slice(first, end).map((_, at) => card(first + at))}
        {isAway && card(focus.index, Math.floor(focus.index / columns) * rowPx)}
      </ul>
      {menu && <CardMenu {...menu} onDelete={() => remove(menu.video)} onClose={() => setMenu(undefined)} />}
    </>
  )
}
