import type { Video } from '../api/types.ts'
import { clock, languageName, size, spokenClock } from '../format.ts'

/** Duration, size and language of a video. */
export function Details({ video }: { video: Video }) {
  const { duration, width, height, language } = video
  return (
    <>
      {duration !== null && (
        <span>
          <span aria-hidden="true">{clock(duration)}</span>
          <span class="visually-hidden">{spokenClock(duration)}</span>
        </span>
      )}
      {width !== null && height !== null && (
        <span>
          {width} × {height}
        </span>
      )}
      {video.size !== null && <span>{size(video.size)}</span>}
      {language && <span>{languageName(language)}</span>}
      {video.incomplete && <span class="badge warn">Incomplete recording</span>}
    </>
  )
}
