import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Rows above and below the screen that are rendered in advance. */
const MARGIN_ROWS = 3

export interface RowWindow {
  readonly columns: number
  /** Index of the first rendered item. */
  readonly first: number
  /** Index after the last rendered item. */
  readonly end: number
  /** Pixels above the first rendered row. */
  readonly above: number
  /** Pixels of all rows. */
  readonly height: number
}

/**
 * The items of a grid that fill the screen, if all are as high as the first. The others are not in the document, so ten thousand items cost
 * no more than the visible ones.
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
      const firstRow = clamp(Math.floor(top / row) - MARGIN_ROWS)
      const endRow = clamp(Math.ceil((top + innerHeight) / row) + MARGIN_ROWS)
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
