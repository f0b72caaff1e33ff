import { useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { retryVideo } from '../api/videos.ts'
import { exactTime, relativeTime } from '../format.ts'
import { fromServer, say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { moveToBin } from './deletion.ts'
import { StatusText } from './status-text.tsx'
import { attention, hidden, replace } from './videos-loaded.ts'

/** The newest videos that failed, each with the reason and what the user can do. */
export function Attention() {
  const { items, hasMore } = attention.value
  const shown = items.filter(({ id }) => !hidden.value.has(id))
  if (shown.length === 0) return null
  return (
    <section class="attention" aria-labelledby="attention">
      <h2 id="attention">{say('Needs attention')}</h2>
      <FailedVideos videos={shown} />
      {hasMore && (
        <a class="attention-more" href={address('?status=attention')}>
          {say('Show all')}
        </a>
      )}
    </section>
  )
}

/** Videos that failed as rows. */
export function FailedVideos({ videos }: { videos: readonly Video[] }) {
  return (
    <ul class="failed-list">
      {videos.map(video => (
        <FailedVideo key={video.id} video={video} />
      ))}
    </ul>
  )
}

function FailedVideo({ video }: { video: Video }) {
  const { id, title, error, created_at, status } = video
  const [isBusy, setBusy] = useState(false)
  const retry = async () => {
    setBusy(true)
    try {
      replace(await retryVideo(video))
    } catch (error) {
      toast(say('“{title}” could not be processed again. {reason}', { title, reason: messageOf(error) }))
    }
    setBusy(false)
  }
  return (
    <li class="failed">
      <Icon name="warning" />
      <div class="failed-about">
        <a class="failed-title" href={address(`watch/${id}`)} dir="auto">
          {title}
        </a>
        <p>
          {status === 'failed' ? (
            error ? (
              fromServer(error.message, say('The file cannot be used.'))
            ) : (
              say('The file cannot be used.')
            )
          ) : (
            <StatusText video={video} />
          )}{' '}
          <time dateTime={created_at} title={exactTime(created_at)}>
            {relativeTime(created_at)}
          </time>
        </p>
      </div>
      {status === 'failed' && (
        <button
          type="button"
          class="button small"
          aria-label={say('Try again: {title}', { title })}
          aria-disabled={isBusy}
          onClick={() => void retry()}
        >
          <Icon name="retry" /> <span>{say('Try again')}</span>
        </button>
      )}
      <button
        type="button"
        class="button small"
        aria-label={say('Delete {title}', { title })}
        onClick={() => void moveToBin(video)}
      >
        <Icon name="delete" /> <span>{say('Delete')}</span>
      </button>
    </li>
  )
}
