import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Rows above and below what can be seen that are there already when one scrolls. */
const MARGIN = 3

export interface RowWindow {
  readonly columns: number
  /** Of the items to be in the document. */
  readonly first: number
  /** Behind the last of them. */
  readonly end: number
  /** Pixels above the first row. */
  readonly above: number
  /** Pixels of all rows. */
  readonly height: number
}

/**
 * Of a grid of items that are all as high as the first one: which have to be in the document to fill the screen. So ten thousand
 * cost no more than those that one sees.
 */
export function useRowWindow(grid: RefObject<HTMLElement>, count: number): RowWindow {
  const [window_, setWindow] = useState<RowWindow>({
    columns: 1,
    first: 0,
    end: Math.min(count, 24),
    above: 0,
    height: 0,
  })
  useEffect(() => {
    const measure = () => {
      const element = grid.current
      const item = element?.querySelector<HTMLElement>('[data-item]')
      if (!element || !item) return
      const style = getComputedStyle(element)
      const columns = style.gridTemplateColumns.split(' ').length
      const row = item.getBoundingClientRect().height + Number.parseFloat(style.rowGap)
      const rows = Math.ceil(count / columns)
      const top = -element.getBoundingClientRect().top
      const clamp = (value: number) => Math.min(rows, Math.max(0, value))
      const firstRow = clamp(Math.floor(top / row) - MARGIN)
      const endRow = clamp(Math.ceil((top + innerHeight) / row) + MARGIN)
      const next = {
        columns,
        first: firstRow * columns,
        end: Math.min(count, endRow * columns),
        above: firstRow * row,
        height: rows * row,
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
  return window_
}
