import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import type { Tagged, Transcript, Video } from '../api/types.ts'
import { getTranscript, retryVideo } from '../api/videos.ts'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { NoTranscript } from './no-transcript.tsx'
import { Revisions } from './revisions.tsx'
import { unsaved } from './transcript-draft.ts'
import { TranscriptEditor } from './transcript-editor.tsx'
import { TranscriptLines } from './transcript-lines.tsx'
import { useSpeakerChanges } from './use-speaker-changes.ts'

interface TranscriptPanelProps {
  readonly video: Video
  /** When the video was last transcribed. A new value makes the panel load the transcript again. */
  readonly transcribedAt: string | null | undefined
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
  /** Called after a saved edit, which changes the captions too. */
  readonly onSaved: () => void
  readonly onChange: (video: Video) => void
}

/** The transcript next to the video, its editor and its earlier versions. */
export function TranscriptPanel(props: TranscriptPanelProps) {
  const { video, transcribedAt, media, onSeek, onSaved, onChange } = props
  const { transcript: link } = video.links
  const [transcript, setTranscript] = useState<Tagged<Transcript>>()
  const [problem, setProblem] = useState<string>()
  const [mode, setMode] = useState<'read' | 'edit' | 'revisions'>(link && unsaved.has(link) ? 'edit' : 'read')
  /** Index of the line that the editor opens first. */
  const [line, setLine] = useState<number>()
  const editing = mode === 'edit'
  const section = useRef<HTMLElement>(null)
  const wasEditing = useRef(editing)
  useLayoutEffect(() => {
    if (wasEditing.current && !editing) section.current!.focus({ preventScroll: true })
    wasEditing.current = editing
  }, [editing])
  const load = () => {
    setProblem(undefined)
    if (link) getTranscript(link).then(setTranscript, error => setProblem(messageOf(error)))
  }
  useEffect(load, [link, transcribedAt])
  const finish = (saved: Tagged<Transcript> | undefined, notice: string) => {
    setMode('read')
    if (!saved) return
    setTranscript(saved)
    toast(notice)
    onSaved()
  }
  const edit = (at?: number) => {
    setLine(at)
    setMode('edit')
  }
  const changeSpeaker = useSpeakerChanges(link ?? '', transcript, saved => {
    setTranscript(saved)
    onSaved()
  })
  const retry = () =>
    retryVideo(video, 'transcribe').then(onChange, error => toast(messageOf(error), { seconds: 10 }))

  const tag = transcript?.tag
  return (
    <section ref={section} class="transcript" aria-label={say('Transcript')} tabIndex={-1}>
      {!link && <NoTranscript video={video} onRetry={retry} />}
      {problem && (
        <div class="transcript-note" role="alert">
          <p>{problem}</p>
          <button type="button" class="button small" onClick={load}>
            <Icon name="retry" /> {say('Try again')}
          </button>
        </div>
      )}
      {transcript && !editing && (
        <>
          {transcript.value.partial && <Gaps transcript={transcript.value} onSeek={onSeek} onRetry={retry} />}
          <TranscriptLines
            video={video}
            segments={transcript.value.segments}
            media={media}
            onSeek={onSeek}
            onSpeaker={change => void changeSpeaker(change)}
            onEdit={edit}
          >
            {tag && (
              <IconButton
                label={say('Earlier versions')}
                title={say('Earlier versions')}
                icon="history"
                class="small"
                onClick={() => setMode('revisions')}
              />
            )}
            {tag && transcript.value.segments.length > 0 && (
              <button type="button" class="button small" onClick={() => edit()}>
                <Icon name="edit" /> {say('Edit')}
              </button>
            )}
          </TranscriptLines>
        </>
      )}
      {transcript && tag && editing && (
        <TranscriptEditor
          link={link!}
          transcript={transcript.value}
          tag={tag}
          line={line}
          media={media}
          onClose={saved => finish(saved, say('Transcript saved.'))}
          onReopen={() => setMode('edit')}
        />
      )}
      {transcript && mode === 'revisions' && (
        <Revisions
          link={link!}
          current={transcript}
          onClose={restored =>
            finish(
              restored,
              say('Version {revision} restored.', { revision: restored?.value.restored_from ?? '' }),
            )
          }
        />
      )}
    </section>
  )
}

function Gaps({
  transcript,
  onSeek,
  onRetry,
}: {
  transcript: Transcript
  onSeek: (seconds: number) => void
  onRetry: () => void
}) {
  return (
    <p class="transcript-note warn">
      {say('Parts of the sound could not be transcribed:')}{' '}
      {transcript.gaps.map(({ start, end, message }) => (
        <button key={start} type="button" class="link" title={message} onClick={() => onSeek(start)}>
          {clock(start)}–{clock(end)}
        </button>
      ))}
      <button type="button" class="button small" onClick={onRetry}>
        <Icon name="retry" /> {say('Try these again')}
      </button>
    </p>
  )
}
