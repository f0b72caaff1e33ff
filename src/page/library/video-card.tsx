import type { Step, Video } from '../api/types.ts'
import { progressOf } from '../api/videos.ts'
import { exactTime, percent, relativeTime } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { memo } from '../parts/memo.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'
import { address } from '../router.ts'

export const VideoCard = memo(({ video, position }: { video: Video; position: number }) => {
  const { id, title, duration, created_at } = video
  return (
    <li class="card" data-item aria-setsize={-1} aria-posinset={position}>
      <span class="thumb">
        <Poster video={video} />
        {duration !== null && (
          <span class="thumb-time">
            <SpokenTime seconds={duration} />
          </span>
        )}
        <ProcessingProgress video={video} />
      </span>
      <div class="card-text">
        <a class="card-title" href={address(`watch/${id}`)}>
          {title}
        </a>
        <span class="card-meta">
          <StatusText video={video} />
          <time dateTime={created_at} title={exactTime(created_at)}>
            {relativeTime(created_at)}
          </time>
        </span>
      </div>
    </li>
  )
})

/** The poster; without one, an icon for the kind of file. */
export function Poster({ video }: { video: Video }) {
  const { links, video_codec, audio_codec, status } = video
  if (links.poster_small) return <img src={links.poster_small} alt="" loading="lazy" decoding="async" />
  const isSound = !video_codec && Boolean(audio_codec)
  return (
    <span class="thumb-empty">
      <Icon name={status === 'failed' ? 'warning' : isSound ? 'sound' : 'film'} />
    </span>
  )
}

function ProcessingProgress({ video }: { video: Video }) {
  const progress = progressOf(video)
  if (progress === undefined) return null
  return (
    <progress class="thumb-progress" max={100} value={progress} aria-label={`Processing ${video.title}`}>
      {percent(progress)}
    </progress>
  )
}

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
