import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import './recording-bar.css'
import { clock, spokenClock } from '../format.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { address, location, pathOf } from '../router.ts'
import { LevelMeter } from './level-meter.tsx'
import { OutcomeText } from './outcome.tsx'
import type { Recording } from './recording.ts'
import { SavedText } from './saved-text.tsx'
import { sources } from './sources.ts'
import { backToSetup, isMuted, restart, setMuted, step } from './studio.ts'

/** The controls of a recording, in all views. The record view itself shows how a recording ended. */
export function RecordingBar() {
  const { value: current } = step
  if (current.at !== 'recording') return null
  const { phase } = current.recording.state.value
  const hasEnded = phase !== 'recording' && phase !== 'paused'
  if (hasEnded && pathOf(location.value) === '/record') return null
  return <Bar recording={current.recording} hasEnded={hasEnded} />
}

function Bar({ recording, hasEnded }: { recording: Recording; hasEnded: boolean }) {
  const section = useRef<HTMLElement>(null)
  // The countdown that had the focus is gone, or the button Stop.
  useLayoutEffect(() => {
    if (document.activeElement === document.body || pathOf(location.value) === '/record')
      section.current!.focus({ preventScroll: true })
  }, [hasEnded])
  return (
    <section
      ref={section}
      class="recording-bar"
      aria-label={say('Recording')}
      tabIndex={-1}
      data-phase={recording.state.value.phase}
    >
      {hasEnded ? <Ended recording={recording} /> : <Controls recording={recording} />}
    </section>
  )
}

function Controls({ recording }: { recording: Recording }) {
  const isPaused = recording.state.value.phase === 'paused'
  const { mix, microphone } = sources.value
  const seconds = useSeconds(recording)
  useTimeInTitle(seconds, isPaused)
  return (
    <>
      <div class="recording-time">
        <p class="recording-clock">
          <span class={`record-dot${isPaused ? ' paused' : ''}`} aria-hidden="true" />
          <span
            role="timer"
            aria-label={
              isPaused
                ? say('Paused at {time}', { time: spokenClock(seconds) })
                : say('Recording, {time}', { time: spokenClock(seconds) })
            }
          >
            {clock(seconds)}
          </span>
          {isPaused && <span class="hint">{say('Paused')}</span>}
        </p>
        <SavedText recording={recording} />
      </div>
      {mix?.hasSound && <LevelMeter mix={mix} muted={isMuted.value || isPaused} />}
      <IconButton
        icon={isPaused ? 'play' : 'pause'}
        filled={isPaused}
        label={isPaused ? say('Resume') : say('Pause')}
        title={isPaused ? say('Resume') : say('Pause')}
        onClick={() => (isPaused ? recording.resume() : recording.pause())}
      />
      {microphone && (
        <IconButton
          icon={isMuted.value ? 'unheard' : 'microphone'}
          label={say('Mute the microphone')}
          title={isMuted.value ? say('Unmute') : say('Mute')}
          pressed={isMuted.value}
          onClick={() => setMuted(!isMuted.value)}
        />
      )}
      <IconButton
        icon="retry"
        label={say('Restart')}
        title={say('Start again')}
        onClick={() => restart(recording)}
      />
      <button type="button" class="button record-stop" onClick={() => recording.stop()}>
        <Icon name="stop" filled /> {say('Stop')}
      </button>
    </>
  )
}

function Ended({ recording }: { recording: Recording }) {
  const { phase, video } = recording.state.value
  return (
    <>
      <OutcomeText state={recording.state.value} />
      {phase === 'done' ? (
        <a class="button small primary" href={address(`watch/${video}`)} onClick={backToSetup}>
          {say('Watch it')}
        </a>
      ) : (
        <a class="button small" href={address('record')}>
          {say('Show')}
        </a>
      )}
      {phase === 'done' && <IconButton icon="close" label={say('Close')} onClick={backToSetup} />}
    </>
  )
}

/** Whole seconds of the recording. Chunks come each second, even while the tab is hidden and its timers are slow. */
function useSeconds(recording: Recording): number {
  const [, setTick] = useState(0)
  const seconds = Math.floor(recording.seconds())
  useEffect(() => {
    const timer = setInterval(() => setTick(Math.floor(recording.seconds())), 250)
    return () => clearInterval(timer)
  }, [recording])
  return seconds
}

/** Shows the time in the title of the tab, before that of the view. */
function useTimeInTitle(seconds: number, isPaused: boolean): void {
  useEffect(() => {
    document.title = `${isPaused ? '❚❚' : '●'} ${clock(seconds)} – ${withoutTime(document.title)}`
  })
  useEffect(
    () => () => {
      document.title = withoutTime(document.title)
    },
    [],
  )
}

const withoutTime = (title: string) => title.replace(/^(●|❚❚) [\d:]+ – /, '')
