import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/**
 * The URL to play. It does not change while processing continues, because playback would start again. If an expired link is renewed, playback
 * continues at the same time.
 * @param start seconds at which playback starts
 */
export function useStream(media: RefObject<HTMLVideoElement>, link: string | null, start: number) {
  const [{ stream, from }, setStream] = useState({ stream: link, from: start })
  const renewing = useRef(false)
  useEffect(() => {
    if (!renewing.current) return
    renewing.current = false
    setStream({ stream: link, from: media.current!.currentTime })
  }, [link])
  useEffect(() => setStream(before => ({ ...before, from: start })), [start])
  useEffect(() => {
    if (from > 0 && from < Number.POSITIVE_INFINITY) media.current!.currentTime = from
  }, [stream, from])
  return {
    stream: stream ?? undefined,
    /** Makes the next new link replace the current one. */
    expectRenewal: () => {
      renewing.current = true
    },
  }
}
