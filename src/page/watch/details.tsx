import type { Video } from '../api/types.ts'
import { languageName, size } from '../format.ts'
import { say } from '../locale/say.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'

/** Duration, size and language of a video. */
export function Details({ video }: { video: Video }) {
  const { duration, width, height, language } = video
  return (
    <>
      {duration !== null && (
        <span>
          <SpokenTime seconds={duration} />
        </span>
      )}
      {width !== null && height !== null && (
        <span dir="ltr">
          {width} × {height}
        </span>
      )}
      {video.size !== null && <span>{size(video.size)}</span>}
      {language && <span>{languageName(language)}</span>}
      {video.incomplete && <span class="badge warn">{say('Incomplete recording')}</span>}
    </>
  )
}
