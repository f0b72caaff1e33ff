import type { Step, Video } from '../api/types.ts'
import { progressOf } from '../api/videos.ts'
import { percent } from '../format.ts'

/** A badge for a video that is not simply ready. */
export function StatusText({ video }: { video: Video }) {
  const progress = progressOf(video)
  if (video.status === 'failed') {
    return <span class="badge bad">Unsupported file</span>
  }
  if (video.status === 'processing') {
    return <span class="badge">Processing{progress ? ` ${percent(progress)}` : ''}</span>
  }
  if (progress !== undefined) return <span class="badge">Finishing {percent(progress)}</span>
  const failed = video.steps.find(({ state }) => state === 'failed')
  if (failed) return <span class="badge warn">{BADGES[failed.name]}</span>
  if (video.incomplete) return <span class="badge warn">Incomplete</span>
  return null
}

/** Badges of ready videos, by the step that failed. */
const BADGES: Readonly<Record<Step['name'], string>> = {
  probe: 'Incomplete',
  transcribe: 'No transcript',
  poster: 'No poster',
  audio: 'No audio',
  playback: 'May not play',
}
