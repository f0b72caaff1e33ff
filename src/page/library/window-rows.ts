import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** Rows above and below the screen that are rendered in advance. */
const MARGIN_ROWS = 3
/** The same below the screen until the user scrolls, because each row loads its pictures. */
const FIRST_MARGIN_ROWS = 1

export interface RowWindow {
  readonly columns: number
  /** Index of the first rendered item. */
  readonly first: number
  /** Index after the last rendered item. */
  readonly end: number
  /** Height above the first rendered row. */
  readonly abovePx: number
  /** Height of all rows. */
  readonly heightPx: number
  /** Height of a row with its gap. */
  readonly rowPx: number
}

/**
 * The items of a grid to render: those on the screen, if all items are as high as the first. The others are not in the document, so ten
 * thousand items cost no more than the visible ones.
 */
export function useRowWindow(grid: RefObject<HTMLElement>, count: number): RowWindow {
  const [window_, setWindow] = useState<RowWindow>({
    columns: 1,
    first: 0,
    end: Math.min(count, 24),
    abovePx: 0,
    heightPx: 0,
    rowPx: 0,
  })
  // Before the first picture is loaded
  useLayoutEffect(() => {
    const measure = () => {
      const element = grid.current
      const item = element?.querySelector<HTMLElement>('[data-item]')
      if (!element || !item) return
      const style = getComputedStyle(element)
      const columns = style.gridTemplateColumns.split(' ').length
      const rowPx = item.getBoundingClientRect().height + Number.parseFloat(style.rowGap)
      const rows = Math.ceil(count / columns)
      const top = -element.getBoundingClientRect().top
      const clamp = (value: number) => Math.min(rows, Math.max(0, value))
      const firstRow = clamp(Math.floor(top / rowPx) - MARGIN_ROWS)
      const endRow = clamp(
        Math.ceil((top + innerHeight) / rowPx) + (scrollY > 0 ? MARGIN_ROWS : FIRST_MARGIN_ROWS),
      )
      const next = {
        columns,
        first: firstRow * columns,
        end: Math.min(count, endRow * columns),
        abovePx: firstRow * rowPx,
        heightPx: rows * rowPx,
        rowPx,
      }
      setWindow(before =>
        Object.keys(next).every(key => next[key as keyof RowWindow] === before[key as keyof RowWindow])
          ? before
          : next,
      )
    }
    measure()
    const resized = new ResizeObserver(measure)
    if (grid.current) resized.observe(grid.current)
    addEventListener('scroll', measure, { passive: true })
    return () => {
      resized.disconnect()
      removeEventListener('scroll', measure)
    }
  }, [count, grid])
  // Most videos may have been deleted at once. Without an item in the document, nothing could be measured.
  return window_.first < count ? window_ : { ...window_, first: 0, end: Math.min(count, 24), abovePx: 0 }
}
