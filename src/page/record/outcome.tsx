import { useLayoutEffect, useRef } from 'preact/hooks'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { address } from '../router.ts'
import type { Recording, RecordingState } from './recording.ts'
import { ConnectionLost, SavedText } from './saved-text.tsx'
import { backToSetup, preview } from './studio.ts'
import { TitleField } from './title-field.tsx'

/** The end of a recording: the rest is uploaded, and then the video can be watched. */
export function Outcome({ recording }: { recording: Recording }) {
  const { phase, video, problem, recorded, sender } = recording.state.value
  const section = useRef<HTMLElement>(null)
  // The button that stopped it is gone.
  useLayoutEffect(() => section.current!.focus({ preventScroll: true }), [])
  const again = () => {
    backToSetup()
    void preview()
  }
  return (
    <section ref={section} class={`outcome ${phase}`} aria-label={say('Recording')} tabIndex={-1}>
      <OutcomeText state={recording.state.value} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
          {phase === 'failed' &&
            recorded > 0 &&
            ` ${say('The part that was not uploaded is stored in this browser.')}`}
        </p>
      )}
      {phase === 'sending' && (
        <div class="outcome-progress">
          <progress max={Math.max(1, recorded)} value={sender.sent} aria-label={say('Uploaded')} />
          <SavedText recording={recording} />
        </div>
      )}
      <ConnectionLost recording={recording} />
      {phase !== 'failed' && <TitleField recording={recording} />}
      <div class="outcome-actions">
        {phase === 'done' && (
          <a class="button primary" href={address(`watch/${video}`)} onClick={backToSetup}>
            <Icon name="play" filled /> {say('Watch it')}
          </a>
        )}
        {(phase === 'done' || phase === 'failed') && (
          <button type="button" class="button" onClick={again}>
            {say('Record another')}
          </button>
        )}
      </div>
    </section>
  )
}

/** How the recording ended, and its length. */
export function OutcomeText({ state: { phase, seconds } }: { state: RecordingState }) {
  const text = { sending: say('Uploading the rest…'), done: say('Saved'), failed: say('Incomplete') }[
    phase as 'done'
  ]
  return (
    <p class={`recording-outcome ${phase}`} role="status">
      {phase === 'sending' && <span class="spinner" />}
      {phase === 'done' && <Icon name="check" />}
      {phase === 'failed' && <Icon name="warning" />}
      {text} <span class="hint">{clock(seconds)}</span>
    </p>
  )
}
