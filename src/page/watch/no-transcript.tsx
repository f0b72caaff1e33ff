import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { NotifyButton } from '../notifications/notify-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { failureText, skipText } from './step-reasons.ts'

interface NoTranscriptProps {
  readonly video: Video
  readonly onRetry: () => void
}

/** The reason why there is no transcript, with a button to try again if that can help. */
export function NoTranscript({ video, onRetry }: NoTranscriptProps) {
  const step = video.steps.find(({ name }) => name === 'transcribe')
  const running = step?.state === 'running'
  const busy = running || step?.state === 'pending'
  return (
    <div class="transcript-note">
      <Icon name={busy ? 'captions' : 'sound'} />
      <p>
        {busy && video.status !== 'failed'
          ? say('The transcript is being written. It appears here when it is ready.')
          : reasonOf(video)}
      </p>
      {running && <progress max={100} value={step.progress} aria-label={say('Progress of the transcript')} />}
      {(step?.state === 'failed' || /_failed$|^not_configured$/.test(step?.reason ?? '')) && (
        <button type="button" class="button small" onClick={onRetry}>
          <Icon name="retry" /> {say('Try again')}
        </button>
      )}
      {busy && video.status !== 'failed' && <NotifyButton id={video.id} />}
    </div>
  )
}

function reasonOf({ status, steps }: Video): string {
  const step = steps.find(({ name }) => name === 'transcribe')
  if (status === 'failed') return say('There is no transcript, because the file could not be read.')
  if (step?.state === 'failed' && step.error)
    return `${say('The transcript could not be written.')} ${failureText(step.error)}`
  if (step?.reason === 'not_configured')
    return say(
      'There is no transcript, because speech-to-text is not set up on this server. When the operator has set it up, try again.',
    )
  const reason = step && skipText(step)
  return reason
    ? `${say('There is no transcript.')} ${reason}.`
    : say('There is no transcript of this video.')
}
