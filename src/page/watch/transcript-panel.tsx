import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { getTranscript, type Tagged, type Transcript, type Video } from '../api/videos.ts'
import { clock } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { TranscriptEditor } from './transcript-editor.tsx'
import { TranscriptLines } from './transcript-lines.tsx'

interface TranscriptPanelProps {
  readonly video: Video
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
  /** Called once an edit is saved: captions are others now. */
  readonly onSaved: () => void
}

/** What was said, beside the video. */
export function TranscriptPanel({ video, media, onSeek, onSaved }: TranscriptPanelProps) {
  const { transcript: link } = video.links
  const [transcript, setTranscript] = useState<Tagged<Transcript>>()
  const [problem, setProblem] = useState<string>()
  const [editing, setEditing] = useState(false)
  const load = () => {
    setProblem(undefined)
    if (link) getTranscript(link).then(setTranscript, error => setProblem(messageOf(error)))
  }
  useEffect(load, [link])

  const tag = transcript?.tag
  return (
    <section class="transcript" aria-labelledby="transcript-title">
      <header class="transcript-head">
        <h2 id="transcript-title">Transcript</h2>
        {/* Only where the server tells which state an edit was made of can nothing be overwritten unknowingly. */}
        {tag && !editing && transcript.value.segments.length > 0 && (
          <button type="button" class="button small" onClick={() => setEditing(true)}>
            <Icon name="edit" /> Edit
          </button>
        )}
      </header>
      {!link && <Without video={video} />}
      {problem && (
        <div class="transcript-note" role="alert">
          <p>{problem}</p>
          <button type="button" class="button small" onClick={load}>
            <Icon name="retry" /> Try again
          </button>
        </div>
      )}
      {transcript && !editing && (
        <>
          {transcript.value.partial && <Gaps transcript={transcript.value} onSeek={onSeek} />}
          <TranscriptLines segments={transcript.value.segments} media={media} onSeek={onSeek} />
        </>
      )}
      {transcript && tag && editing && (
        <TranscriptEditor
          link={link!}
          transcript={transcript.value}
          tag={tag}
          onSeek={seconds => {
            if (media.current) media.current.currentTime = seconds
          }}
          onClose={saved => {
            setEditing(false)
            if (!saved) return
            setTranscript(saved)
            toast('Transcript saved.')
            onSaved()
          }}
        />
      )}
    </section>
  )
}

function Gaps({ transcript, onSeek }: { transcript: Transcript; onSeek: (seconds: number) => void }) {
  return (
    <p class="transcript-note warn">
      Parts of the sound could not be turned into text:{' '}
      {transcript.gaps?.map(({ start, end }) => (
        <button key={start} type="button" class="link" onClick={() => onSeek(start)}>
          {clock(start)}–{clock(end)}
        </button>
      ))}
    </p>
  )
}

function Without({ video }: { video: Video }) {
  const step = video.steps.find(({ name }) => name === 'transcribe')
  const busy = step?.state === 'pending' || step?.state === 'running'
  return (
    <div class="transcript-note">
      <Icon name={busy ? 'captions' : 'sound'} />
      <p>
        {busy && video.status !== 'failed'
          ? 'The transcript is on its way. It appears here by itself.'
          : reasonOf(video)}
      </p>
    </div>
  )
}

function reasonOf({ status, steps }: Video): string {
  const step = steps.find(({ name }) => name === 'transcribe')
  if (status === 'failed') return 'There is no transcript, because the file could not be read.'
  if (step?.state === 'failed')
    return 'The transcript could not be written. See below the video for why, and try again there.'
  const reasons: Readonly<Record<string, string>> = {
    no_audio: 'There is no transcript, because this video has no sound.',
    silent: 'There is no transcript, because nobody speaks.',
    not_configured:
      'There is no transcript, because no speech-to-text service is set up. Whoever runs this server can name one and then try again.',
  }
  return reasons[step?.reason ?? ''] ?? 'There is no transcript of this video.'
}
