import { useEffect, useRef, useState } from 'preact/hooks'
import './watch.css'
import { follow } from '../api/events.ts'
import { messageOf, type Problem } from '../api/http.ts'
import { useMediaLinks } from '../api/media-links.ts'
import type { Video } from '../api/types.ts'
import { getVideo, isBusy } from '../api/videos.ts'
import { exactTime, when } from '../format.ts'
import { deleteSoon } from '../library/deletion.ts'
import { hidden } from '../library/videos-loaded.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { address, location, navigate } from '../router.ts'
import { Details } from './details.tsx'
import { Downloads } from './downloads.tsx'
import { EditDetails } from './edit-details.tsx'
import { Player } from './player.tsx'
import { Share } from './share.tsx'
import { Steps } from './steps.tsx'
import { TranscriptPanel } from './transcript-panel.tsx'

export function WatchView({ id }: { id: string }) {
  const [video, setVideo] = useState<Video>()
  const [problem, setProblem] = useState<Problem>()
  const [attempt, setAttempt] = useState(0)
  const [gone, setGone] = useState(false)
  useEffect(() => {
    setProblem(undefined)
    getVideo(id).then(({ value }) => setVideo(value), setProblem)
  }, [id, attempt])
  const busy = video !== undefined && isBusy(video)
  useEffect(() => {
    if (!busy || !video) return
    let stop = () => {}
    // Browsers keep six connections to one server, over all tabs: those that nobody looks at need none.
    const adjust = () => {
      stop()
      stop = () => {}
      if (document.hidden) return
      stop = follow(video.links.events, (name, data) => {
        if (name === 'video') setVideo(JSON.parse(data))
        if (name === 'deleted') setGone(true)
      })
    }
    adjust()
    document.addEventListener('visibilitychange', adjust)
    return () => {
      document.removeEventListener('visibilitychange', adjust)
      stop()
    }
  }, [busy, video?.id])
  useEffect(() => {
    if (video) document.title = `${video.title} – Longtake`
  }, [video?.title])

  if (gone || problem?.status === 404 || problem?.status === 400) {
    return (
      <Notice icon="film" title="This video is not here">
        <p>It was deleted, or the link is not complete.</p>
        <a class="button" href={address('')}>
          Go to the library
        </a>
      </Notice>
    )
  }
  if (problem && !video) {
    return (
      <Notice icon="warning" title="The video could not be loaded" alert>
        <p>{messageOf(problem)}</p>
        <button type="button" class="button" onClick={() => setAttempt(attempt + 1)}>
          <Icon name="retry" /> Try again
        </button>
      </Notice>
    )
  }
  if (!video) return <div class="view-loading" aria-busy="true" />
  return <Watch key={id} video={video} onChange={setVideo} />
}

function Watch({ video, onChange }: { video: Video; onChange: (video: Video) => void }) {
  const media = useRef<HTMLVideoElement>(null)
  const [editing, setEditing] = useState(false)
  const [sharedAt, setSharedAt] = useState<number>()
  const [captions, setCaptions] = useState(0)
  const source = useMediaLinks(video)
  const heard = video.steps.find(({ name }) => name === 'transcribe')?.finished_at
  const start = Number(location.value.searchParams.get('t'))
  const seek = (seconds: number) => {
    if (!media.current) return
    media.current.currentTime = seconds
    media.current.play().catch(() => {})
  }
  const remove = () => {
    const { href } = location.value
    deleteSoon(video, () => navigate(href))
    navigate('', 'replace')
  }
  if (hidden.value.has(video.id)) return null
  return (
    <div class="watch">
      <div class="watch-stage">
        {video.status === 'failed' ? (
          <Notice icon="warning" title="This file cannot be played">
            <p>{video.error?.message}</p>
          </Notice>
        ) : source.media ? (
          <Player
            media={media}
            video={video}
            source={source.media}
            start={start}
            captionsVersion={`${captions} ${heard}`}
            onExpired={source.renew}
          />
        ) : source.problem ? (
          <Notice icon="warning" title="The video could not be loaded" alert>
            <p>{messageOf(source.problem)}</p>
            <button type="button" class="button" onClick={source.renew}>
              <Icon name="retry" /> Try again
            </button>
          </Notice>
        ) : (
          <div
            class="player"
            style={{ aspectRatio: `${video.width ?? 16} / ${video.height ?? 9}` }}
            aria-busy="true"
          />
        )}
      </div>
      <div class="watch-about">
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
        <div class="toolbar">
          <button type="button" class="button" onClick={() => setSharedAt(media.current?.currentTime ?? 0)}>
            <Icon name="share" /> Share
          </button>
          <Downloads video={video} />
          <button type="button" class="button" onClick={() => setEditing(true)}>
            <Icon name="edit" /> Edit details
          </button>
          <button type="button" class="button quiet-bad" onClick={remove}>
            <Icon name="delete" /> Delete
          </button>
        </div>
        {video.description && <p class="description">{video.description}</p>}
        {video.tags.length > 0 && (
          <ul class="tags" aria-label="Tags">
            {video.tags.map(tag => (
              <li key={tag}>
                <a class="tag" href={address(`?${new URLSearchParams({ tag })}`)}>
                  {tag}
                </a>
              </li>
            ))}
          </ul>
        )}
        <Steps video={video} onChange={onChange} />
      </div>
      <TranscriptPanel
        key={video.links.transcript}
        video={video}
        heard={heard}
        media={media}
        onChange={onChange}
        onSeek={seek}
        onSaved={() => setCaptions(captions + 1)}
      />
      {sharedAt !== undefined && <Share video={video} at={sharedAt} onClose={() => setSharedAt(undefined)} />}
      {editing && (
        <EditDetails
          video={video}
          onClose={changed => {
            if (changed) onChange(changed)
            setEditing(false)
          }}
        />
      )}
    </div>
  )
}
