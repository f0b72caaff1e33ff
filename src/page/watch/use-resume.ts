import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { keepPosition, positionOf } from './positions.ts'

/** Time between two positions that are kept while the video plays. */
const INTERVAL_S = 5

/**
 * Keeps the position while a video plays, and continues there at the next visit.
 * @param start seconds at which the address asks to begin; a kept position counts only without one
 * @returns the seconds at which playback begins, and the kept position until `dismiss` is called
 */
export function useResume(media: RefObject<HTMLVideoElement>, id: string, start: number) {
  const [kept] = useState(() => (start > 0 ? undefined : positionOf(id)))
  const [resumedAt, setResumedAt] = useState(kept)
  useEffect(() => {
    const element = media.current!
    let last = kept ?? 0
    const keep = () => {
      // Before the file is loaded, the position is unknown.
      if (element.readyState === 0) return
      last = element.currentTime
      keepPosition(id, last, element.duration)
    }
    const keepSometimes = () => {
      if (Math.abs(element.currentTime - last) >= INTERVAL_S) keep()
    }
    element.addEventListener('pause', keep)
    element.addEventListener('timeupdate', keepSometimes)
    addEventListener('pagehide', keep)
    return () => {
      keep()
      element.removeEventListener('pause', keep)
      element.removeEventListener('timeupdate', keepSometimes)
      removeEventListener('pagehide', keep)
    }
  }, [id])
  return { begin: kept ?? start, resumedAt, dismiss: () => setResumedAt(undefined) }
}
