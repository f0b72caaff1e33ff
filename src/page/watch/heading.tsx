import type { Video } from '../api/types.ts'
import { exactTime, when } from '../format.ts'
import { discard } from '../library/deletion.ts'
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
          {when(video.created_at)}
        </time>
        <Details video={video} />
      </p>
      {video.notes.map(({ step, code, message }) => (
        <p key={`${step} ${code}`} class="watch-note">
          <Icon name="warning" /> {message}
        </p>
      ))}
    </div>
  )
}

export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <ul class="tags" aria-label="Tags">
      {tags.map(tag => (
        <li key={tag}>
          <a class="tag" href={address(`?${new URLSearchParams({ tag })}`)}>
            {tag}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Deletes a video, or cancels its upload, and goes to the library. Undo comes back here. */
export function deleteAndLeave(video: Video): void {
  const { href } = location.value
  void discard(video, () => navigate(href))
  navigate('', 'replace')
}
