import { useRef, useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { location } from '../router.ts'
import { ChaptersTab } from './chapters-tab.tsx'
import { DetailsTab } from './details-tab.tsx'
import { Heading, Tags } from './heading.tsx'
import { Panel } from './panel.tsx'
import { Share } from './share.tsx'
import { Stage } from './stage.tsx'
import { Steps } from './steps.tsx'
import { TranscriptPanel } from './transcript-panel.tsx'
import { useTheatre } from './use-theatre.ts'
import { VideoActions } from './video-actions.tsx'

interface WatchVideoProps {
  readonly video: Video
  readonly onChange: (video: Video) => void
}

/** A video whose upload is complete: player, details and transcript. */
export function WatchVideo({ video, onChange }: WatchVideoProps) {
  const media = useRef<HTMLVideoElement>(null)
  const [sharedAt, setSharedAt] = useState<number>()
  const [edits, setEdits] = useState(0)
  const { theatre, toggleTheatre } = useTheatre()
  const { searchParams } = location.value
  const transcribedAt = video.steps.find(({ name }) => name === 'transcribe')?.finished_at
  const seek = (seconds: number) => {
    if (!media.current) return
    media.current.currentTime = seconds
    media.current.play().catch(() => {})
  }
  const transcript = (
    <TranscriptPanel
      key={video.links.transcript}
      video={video}
      transcribedAt={transcribedAt}
      media={media}
      onChange={onChange}
      onSeek={seek}
      onSaved={() => setEdits(edits + 1)}
    />
  )
  const chapters = <ChaptersTab chapters={video.chapters} media={media} onSeek={seek} />
  return (
    <div class={theatre ? 'watch theatre' : 'watch'}>
      <div class="watch-stage">
        <Stage
          video={video}
          media={media}
          start={Number(searchParams.get('t'))}
          // A moment that was found is played; a shared link waits for the user.
          autoplay={searchParams.has('q') && searchParams.has('t')}
          captionsVersion={`${edits} ${transcribedAt}`}
          theatre={theatre}
          onTheatre={toggleTheatre}
        />
      </div>
      <div class="watch-about">
        <div class="watch-title">
          <Heading video={video} />
          <VideoActions
            video={video}
            onChange={onChange}
            onShare={() => setSharedAt(media.current?.currentTime ?? 0)}
          />
        </div>
        {video.description && <p class="description">{video.description}</p>}
        <Tags tags={video.tags} />
        <Steps video={video} onChange={onChange} />
      </div>
      <Panel
        tabs={[
          { name: say('Transcript'), content: transcript },
          ...(video.chapters.length > 0 ? [{ name: say('Chapters'), content: chapters }] : []),
          { name: say('Details'), content: <DetailsTab video={video} onChange={onChange} /> },
        ]}
      />
      {sharedAt !== undefined && <Share video={video} at={sharedAt} onClose={() => setSharedAt(undefined)} />}
    </div>
  )
}
