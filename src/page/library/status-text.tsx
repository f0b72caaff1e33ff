import type { Step, Video } from '../api/types.ts'
import { progressOf } from '../api/videos.ts'
import { percent } from '../format.ts'
import { mark, say } from '../locale/say.ts'

/** A badge for a video that is not simply ready. */
export function StatusText({ video }: { video: Video }) {
  const progress = progressOf(video)
  if (video.status === 'failed') {
    return <span class="badge bad">{say('Unsupported file')}</span>
  }
  if (video.status === 'processing') {
    return (
      <span class="badge">
        {progress ? say('Processing {percent}', { percent: percent(progress) }) : say('Processing')}
      </span>
    )
  }
  if (progress !== undefined)
    return <span class="badge">{say('Finishing {percent}', { percent: percent(progress) })}</span>
  const failed = video.steps.find(({ state }) => state === 'failed')
  if (failed) return <span class="badge warn">{say(BADGES[failed.name])}</span>
  if (video.incomplete) return <span class="badge warn">{say('Incomplete')}</span>
  return null
}

/** Badges of ready videos, by the step that failed. */
const BADGES: Readonly<Record<Step['name'], string>> = {
  probe: mark('Incomplete'),
  transcribe: mark('No transcript'),
  poster: mark('No poster'),
  audio: mark('No audio'),
  playback: mark('May not play'),
}
