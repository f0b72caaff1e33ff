import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/**
 * The address to play. It stays the same when processing goes on, because playback would start again. A renewed link continues at the
 * time at which the expired one failed.
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
    /** The next link takes the place of the current one. */
    expectRenewal: () => {
      renewing.current = true
    },
  }
}
