import { useEffect, useState } from 'preact/hooks'

/** Lines in one list. Each frame renders one more list, because rendering a transcript of many hours at once would block the page. */
export const SLICE_LINES = 200

/** The number of lines to render. It grows with each frame until it includes all. */
export function useLinesSoFar(count: number): number {
  const [shown, setShown] = useState(SLICE_LINES)
  useEffect(() => {
    if (shown >= count) return
    const frame = requestAnimationFrame(() => setShown(shown + SLICE_LINES))
    return () => cancelAnimationFrame(frame)
  }, [shown, count])
  return Math.min(shown, count)
}

/** The index of the first line of each list. */
export function sliceStarts(count: number): number[] {
  return Array.from({ length: Math.ceil(count / SLICE_LINES) }, (_, at) => at * SLICE_LINES)
}
