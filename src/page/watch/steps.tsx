import { useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import type { Step, Video } from '../api/types.ts'
import { isBusy, retryVideo } from '../api/videos.ts'
import { percent } from '../format.ts'
import { mark, say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { failureText, skipText } from './step-reasons.ts'
import { useTranscriptionPause } from './use-transcription-pause.ts'

const NAMES: Readonly<Record<Step['name'], string>> = {
  probe: mark('Check the file'),
  playback: mark('Make it playable'),
  poster: mark('Make thumbnails'),
  audio: mark('Extract the sound'),
  transcribe: mark('Write the transcript'),
}

/** The steps of processing, while some run or have failed. Failed steps can be run again. */
export function Steps({ video, onChange }: { video: Video; onChange: (video: Video) => void }) {
  const [isSending, setIsSending] = useState(false)
  const postponed = video.steps.find(({ state, error }) => state === 'pending' && error !== null)
  const pause = useTranscriptionPause(postponed?.name === 'transcribe')
  const busy = isBusy(video)
  const failed = video.steps.filter(({ state }) => state === 'failed')
  if (!busy && failed.length === 0) return null
  // For an unsupported file, the other steps were never started.
  const shown = video.status === 'failed' && !busy ? failed : video.steps
  const retry = async () => {
    setIsSending(true)
    try {
      onChange(await retryVideo(video))
    } catch (error) {
      toast(messageOf(error))
    }
    setIsSending(false)
  }
  return (
    <section class="steps" aria-label={say('Processing')}>
      <ul>
        {shown.map(step => (
          <li key={step.name} class={`step ${step.state}`}>
            <Mark step={step} />
            <span class="step-name">{say(NAMES[step.name])}</span>
            {step.state === 'running' && (
              <progress max={100} value={step.progress} aria-label={say(NAMES[step.name])} />
            )}
            <span class="step-state">{stateOf(step)}</span>
            {step === postponed && <p class="step-reason">{pause ?? step.error?.message}</p>}
            {step.state === 'failed' && step.error && (
              <p class="step-reason">
                {failureText(step.error)}{' '}
                <bdi class="hint" lang="en">
                  {step.error.message}
                </bdi>
              </p>
            )}
          </li>
        ))}
      </ul>
      {!busy && failed.length > 0 && (
        <button type="button" class="button" aria-disabled={isSending} onClick={() => void retry()}>
          <Icon name="retry" /> {say('Try again')}
        </button>
      )}
    </section>
  )
}

function Mark({ step }: { step: Step }) {
  if (step.state === 'running') return <span class="spinner" />
  if (step.state === 'done') return <Icon name="check" />
  if (step.state === 'failed') return <Icon name="warning" />
  return <span class="step-dot" />
}

function stateOf(step: Step): string {
  const { state, progress } = step
  if (state === 'running') return percent(progress)
  if (state === 'done') return say('Done')
  if (state === 'failed') return say('Failed')
  if (state === 'pending') return say('Waiting')
  return skipText(step) ?? ''
}
