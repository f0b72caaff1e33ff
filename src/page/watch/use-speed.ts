import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3]

const KEY = 'longtake-speed'

/** The playback speed, stored in the browser. @param ready whether the element has loaded: loading resets its speed */
export function useSpeed(media: RefObject<HTMLVideoElement>, ready: boolean) {
  const [speed, setSpeed] = useState(() => Number(localStorage.getItem(KEY)) || 1)
  useEffect(() => {
    media.current!.playbackRate = speed
    localStorage.setItem(KEY, String(speed))
  }, [speed, ready])
  /** @param step 1 for the next faster speed, -1 for the next slower one */
  const change = (step: number) =>
    setSpeed(now => SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(now) + step))] ?? 1)
  return { speed, setSpeed, change }
}
