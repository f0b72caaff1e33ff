import type { Video } from '../api/types.ts'
import { exactTime, relativeTime } from '../format.ts'
import { moveToBin } from '../library/deletion.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { address, location, navigate } from '../router.ts'
import { Details } from './details.tsx'

/** Title, facts and notes of a video. */
export function Heading({ video }: { video: Video }) {
  return (
    <div class="watch-heading">
      <h1>{video.title}</h1>
      <p class="watch-facts">
        <time dateTime={video.created_at} title={exactTime(video.created_at)}>
          {relativeTime(video.created_at)}
        </time>
        <Details video={video} />
      </p>
      {video.notes.map(({ step, code, message }) => (
        <p key={`${step} ${code}`} class="watch-note">
          <Icon name="warning" /> <span lang="en">{message}</span>
        </p>
      ))}
    </div>
  )
}

export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <ul class="tags" aria-label={say('Tags')}>
      {tags.map(tag => (
        <li key={tag}>
          <a class="tag" dir="auto" href={address(`?${new URLSearchParams({ tag })}`)}>
            {tag}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Deletes a video, or cancels its upload, and goes to the library. Undo returns to this view. */
export function deleteAndLeave(video: Video): void {
  const { href } = location.value
  void moveToBin(video, () => navigate(href))
  navigate('', 'replace')
}
