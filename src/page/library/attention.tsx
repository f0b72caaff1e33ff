import { useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import type { Step, Video } from '../api/types.ts'
import { isBusy, retryVideo } from '../api/videos.ts'
import { exactTime, relativeTime } from '../format.ts'
import { fromServer, say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { moveToBin } from './deletion.ts'
import { StatusText } from './status-text.tsx'
import { attention, hidden, replace } from './videos-loaded.ts'

/** The newest videos that failed, or of which a step failed, each with the reason and what the user can do. */
export function Attention() {
  const { items, hasMore } = attention.value
  const shown = items.filter(video => !hidden.value.has(video.id) && !isSolved(video))
  if (shown.length === 0) return null
  return (
    <section class="attention" aria-labelledby="attention">
      <h2 id="attention">{say('Needs attention')}</h2>
      <VideosWithFaults videos={shown} />
      {hasMore && (
        <a class="attention-more" href={address('?status=attention')}>
          {say('Show all')}
        </a>
      )}
    </section>
  )
}

/** Videos that need attention as rows. */
export function VideosWithFaults({ videos }: { videos: readonly Video[] }) {
  return (
    <ul class="failed-list">
      {videos.map(video => (
        <VideoWithFault key={video.id} video={video} />
      ))}
    </ul>
  )
}

function VideoWithFault({ video }: { video: Video }) {
  const { id, title, created_at } = video
  const [isSending, setSending] = useState(false)
  const retry = async () => {
    setSending(true)
    try {
      replace(await retryVideo(video))
    } catch (error) {
      toast(say('“{title}” could not be processed again. {reason}', { title, reason: messageOf(error) }))
    }
    setSending(false)
  }
  return (
    <li class="failed">
      <Icon name="warning" />
      <div class="failed-about">
        <a class="failed-title" href={address(`watch/${id}`)} dir="auto">
          {title}
        </a>
        <p>
          <Reason video={video} />{' '}
          <time dateTime={created_at} title={exactTime(created_at)}>
            {relativeTime(created_at)}
          </time>
        </p>
      </div>
      {canRetry(video) && (
        <button
          type="button"
          class="button small"
          aria-label={say('Try again: {title}', { title })}
          aria-disabled={isSending}
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

/** The reason of the fault, or the progress of a new attempt. */
function Reason({ video }: { video: Video }) {
  const { status, error, steps } = video
  if (status === 'failed')
    return error
      ? fromServer(error.message, say('The file cannot be used.'))
      : say('The file cannot be used.')
  const reason = steps.find(hasFailed)?.error?.message
  return (
    <>
      <StatusText video={video} /> {!isBusy(video) && reason && fromServer(reason, '')}
    </>
  )
}

const hasFailed = ({ state }: Step) => state === 'failed'
const canRetry = (video: Video) => !isBusy(video) && video.steps.some(hasFailed)
/** A new attempt had success. */
const isSolved = (video: Video) => video.status === 'ready' && !isBusy(video) && !canRetry(video)
