import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

interface Layout {
  readonly columns: number
  /** Height of a row with its gap; 0 if all items are in the document. */
  readonly rowPx: number
}

/**
 * A list of which one item at a time is a stop of the Tab key (ARIA Authoring Practices, roving tabindex). Arrow keys, Home and End move the
 * focus. Each item in the document has its id in `data-id` and contains one `[data-stop]`, which gets the focus.
 */
export function useRovingFocus(
  list: RefObject<HTMLElement>,
  ids: readonly string[],
  { columns, rowPx }: Layout,
) {
  const [stop, setStop] = useState({ id: ids[0], index: 0 })
  const known = stop.id === undefined ? -1 : ids.indexOf(stop.id)
  // If the item is gone, its successor takes its place.
  const index = known >= 0 ? known : Math.max(0, Math.min(stop.index, ids.length - 1))
  const hasFocus = useRef(false)
  const wanted = useRef<string>()

  const moveTo = (to: number) => {
    wanted.current = ids[to]
    setStop({ id: ids[to], index: to })
    if (rowPx > 0) reveal(list.current!, Math.floor(to / columns) * rowPx, rowPx)
  }
  useLayoutEffect(() => {
    if (known < 0 && hasFocus.current && isNowhere()) wanted.current = ids[index]
    if (wanted.current === undefined) return
    const item = list.current?.querySelector<HTMLElement>(`[data-id="${wanted.current}"] [data-stop]`)
    if (!item) return
    wanted.current = undefined
    item.focus({ preventScroll: rowPx > 0 })
  })
  return {
    index,
    isInside: () => hasFocus.current,
    /** Moves the focus to an item, if it is in the list and nothing else has the focus. */
    moveToId: (id: string) => {
      const isElsewhere = !isNowhere() && document.activeElement!.tagName !== 'MAIN'
      if (!isElsewhere && ids.includes(id)) moveTo(ids.indexOf(id))
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
      const isRtl = getComputedStyle(list.current!).direction === 'rtl'
      const steps: Record<string, number> = {
        ArrowRight: index + (isRtl ? -1 : 1),
        ArrowLeft: index + (isRtl ? 1 : -1),
        ArrowDown: index + columns,
        ArrowUp: index - columns,
        Home: 0,
        End: ids.length - 1,
      }
      const to = steps[event.key]
      if (to === undefined) return
      event.preventDefault()
      if (ids[to] !== undefined) moveTo(to)
      // From the last row but one, down leads into a shorter last row.
      else if (
        event.key === 'ArrowDown' &&
        Math.floor(index / columns) < Math.floor((ids.length - 1) / columns)
      )
        moveTo(ids.length - 1)
    },
    onFocusIn: ({ target }: FocusEvent) => {
      hasFocus.current = true
      const id = (target as Element).closest<HTMLElement>('[data-id]')?.dataset['id']
      if (id !== undefined && id !== stop.id) setStop({ id, index: ids.indexOf(id) })
    },
    onFocusOut: ({ relatedTarget }: FocusEvent) => {
      // Without a target, the item may have been removed.
      if (relatedTarget && !list.current!.contains(relatedTarget as Element)) hasFocus.current = false
    },
  }
}

const isNowhere = () => !document.activeElement || document.activeElement === document.body

/** Scrolls only as far as needed. The bars at the top and at the bottom cover a part of the screen. */
function reveal(list: HTMLElement, topPx: number, heightPx: number): void {
  const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement)
  const y = list.getBoundingClientRect().top + topPx
  const [from, to] = [
    Number.parseFloat(scrollPaddingTop) || 0,
    innerHeight - (Number.parseFloat(scrollPaddingBottom) || 0),
  ]
  if (y < from) scrollBy(0, y - from)
  else if (y + heightPx > to) scrollBy(0, y + heightPx - to)
}
