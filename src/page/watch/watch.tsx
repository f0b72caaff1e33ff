import { useEffect } from 'preact/hooks'
import './watch.css'
import './player.css'
import './downloads.css'
import './steps.css'
import './panel.css'
import './transcript.css'
import './editor.css'
import './revisions.css'
import './small-screens.css'
import { messageOf } from '../api/http.ts'
import { hidden } from '../library/videos-loaded.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { WatchSkeleton } from '../parts/watch-skeleton.tsx'
import { address } from '../router.ts'
import { useVideo } from './use-video.ts'
import { WatchUpload } from './watch-upload.tsx'
import { WatchVideo } from './watch-video.tsx'

export function WatchView({ id }: { id: string }) {
  const { video, setVideo, problem, deleted, reload } = useVideo(id)
  useEffect(() => {
    if (video) document.title = `${video.title} – Longtake`
  }, [video?.title])
  if (deleted || problem?.status === 404 || problem?.status === 400) {
    return (
      <Notice icon="film" title={say('Video not found')}>
        <p>
          {say('It was deleted, or the link is incomplete. You can restore deleted videos from the bin.')}
        </p>
        <div class="notice-actions">
          <a class="button" href={address('')}>
            {say('Go to the library')}
          </a>
          <a class="button" href={address('bin')}>
            {say('Open the bin')}
          </a>
        </div>
      </Notice>
    )
  }
  if (problem && !video) {
    return (
      <Notice icon="warning" title={say('The video could not be loaded')} alert>
        <p>{messageOf(problem)}</p>
        <button type="button" class="button" onClick={reload}>
          <Icon name="retry" /> {say('Try again')}
        </button>
      </Notice>
    )
  }
  if (!video) return <WatchSkeleton />
  if (hidden.value.has(video.id)) return null
  return video.status === 'uploading' ? (
    <WatchUpload key={id} video={video} onChange={setVideo} />
  ) : (
    <WatchVideo key={id} video={video} onChange={setVideo} />
  )
}
