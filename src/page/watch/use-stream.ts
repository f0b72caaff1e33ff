import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/**
 * The URL to play. It does not change while processing continues, because playback would start again.
 * @param start seconds at which playback starts
 */
export function useStream(
  media: RefObject<HTMLVideoElement>,
  link: string | null,
  start: number,
): string | undefined {
  const [stream] = useState(link ?? undefined)
  useEffect(() => {
    if (start > 0 && start < Number.POSITIVE_INFINITY) media.current!.currentTime = start
  }, [start])
  return stream
}
