import { useEffect, useState } from 'preact/hooks'

/** Lines in one list. The document gets one list with each frame: those of many hours together would hold up whatever a person does. */
export const SLICE = 200

/** How many of a transcript's lines are in the document: more with each frame, until all are. */
export function useLinesSoFar(count: number): number {
  const [shown, setShown] = useState(SLICE)
  useEffect(() => {
    if (shown >= count) return
    const frame = requestAnimationFrame(() => setShown(shown + SLICE))
    return () => cancelAnimationFrame(frame)
  }, [shown, count])
  return Math.min(shown, count)
}

/** The indices at which the lists begin that hold so many lines. */
export function sliceStarts(count: number): number[] {
  return Array.from({ length: Math.ceil(count / SLICE) }, (_, at) => at * SLICE)
}
