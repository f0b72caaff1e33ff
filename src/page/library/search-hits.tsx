import type { ListedVideo, Moment } from '../api/types.ts'
import { clock, exactTime, relativeTime } from '../format.ts'
import { memo } from '../parts/memo.ts'
import { address } from '../router.ts'
import { Poster, StatusText } from './video-card.tsx'

export function SearchHits({ videos, q }: { videos: readonly ListedVideo[]; q: string }) {
  return (
    <ul class="hits" aria-label={`Results for ${q}`}>
      {videos.map(video => (
        <SearchHit key={video.id} video={video} q={q} />
      ))}
    </ul>
  )
}

const SearchHit = memo(({ video, q }: { video: ListedVideo; q: string }) => (
  <li class="hit">
    <span class="thumb">
      <Poster video={video} />
      {video.duration !== null && <span class="thumb-time">{clock(video.duration)}</span>}
    </span>
    <a class="hit-title" href={address(`watch/${video.id}?${new URLSearchParams({ q })}`)}>
      {video.title}
    </a>
    <div class="hit-body">
      <span class="card-meta">
        <StatusText video={video} />
        <time dateTime={video.created_at} title={exactTime(video.created_at)}>
          {relativeTime(video.created_at)}
        </time>
      </span>
      {video.description && <p class="hit-description">{video.description}</p>}
      {video.moments && video.moments.length > 0 && (
        <ul class="moments" aria-label={`Moments in ${video.title}`}>
          {video.moments.map(moment => (
            <li key={moment.start}>
              <MomentLink video={video} moment={moment} q={q} />
            </li>
          ))}
        </ul>
      )}
    </div>
  </li>
))

function MomentLink({ video, moment, q }: { video: ListedVideo; moment: Moment; q: string }) {
  const { start, snippet } = moment
  return (
    <a class="moment" href={address(`watch/${video.id}?${new URLSearchParams({ q, t: String(start) })}`)}>
      <span class="moment-time">{clock(start)}</span>
      <span>{snippet.map(({ text, hit }, at) => (hit ? <mark key={at}>{text}</mark> : text))}</span>
    </a>
  )
}
