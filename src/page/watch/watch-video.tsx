import { useRef, useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { Icon } from '../parts/icons.tsx'
import { location } from '../router.ts'
import { Downloads } from './downloads.tsx'
import { EditDetailsButton } from './edit-details-button.tsx'
import { deleteAndLeave, Heading, Tags } from './heading.tsx'
import { Share } from './share.tsx'
import { Stage } from './stage.tsx'
import { Steps } from './steps.tsx'
import { TranscriptPanel } from './transcript-panel.tsx'

interface WatchVideoProps {
  readonly video: Video
  readonly onChange: (video: Video) => void
}

/** A video whose upload is complete: player, details and transcript. */
export function WatchVideo({ video, onChange }: WatchVideoProps) {
  const media = useRef<HTMLVideoElement>(null)
  const [sharedAt, setSharedAt] = useState<number>()
  const [edits, setEdits] = useState(0)
  const { searchParams } = location.value
  const transcribedAt = video.steps.find(({ name }) => name === 'transcribe')?.finished_at
  const seek = (seconds: number) => {
    if (!media.current) return
    media.current.currentTime = seconds
    media.current.play().catch(() => {})
  }
  return (
    <div class="watch">
      <div class="watch-stage">
        <Stage
          video={video}
          media={media}
          start={Number(searchParams.get('t'))}
          // A moment that was found is played; a shared link waits for the user.
          autoplay={searchParams.has('q') && searchParams.has('t')}
          captionsVersion={`${edits} ${transcribedAt}`}
        />
      </div>
      <div class="watch-about">
        <Heading video={video} />
        <div class="toolbar">
          <button type="button" class="button" onClick={() => setSharedAt(media.current?.currentTime ?? 0)}>
            <Icon name="share" /> Share
          </button>
          <Downloads video={video} />
          <EditDetailsButton video={video} onChange={onChange} />
          <button type="button" class="button quiet-bad" onClick={() => deleteAndLeave(video)}>
            <Icon name="delete" /> Delete
          </button>
        </div>
        {video.description && <p class="description">{video.description}</p>}
        <Tags tags={video.tags} />
        <Steps video={video} onChange={onChange} />
      </div>
      <TranscriptPanel
        key={video.links.transcript}
        video={video}
        transcribedAt={transcribedAt}
        media={media}
        onChange={onChange}
        onSeek={seek}
        onSaved={() => setEdits(edits + 1)}
      />
      {sharedAt !== undefined && <Share video={video} at={sharedAt} onClose={() => setSharedAt(undefined)} />}
    </div>
  )
}
