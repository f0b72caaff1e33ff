import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { checkConnection, connectionProblem } from '../api/connection.ts'
import { clock, size, spokenClock } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { address } from '../router.ts'
import type { Capture, Kind } from './capture.ts'
import { LevelMeter } from './level-meter.tsx'
import type { Recording } from './recording.ts'

interface RecordingPanelProps {
  readonly recording: Recording
  readonly capture: Capture
  readonly kind: Kind
  readonly onClose: () => void
}

export function RecordingPanel({ recording, capture, kind, onClose }: RecordingPanelProps) {
  const { phase, video, problem, seconds, recorded } = recording.state.value
  const isLive = phase === 'recording' || phase === 'paused'
  const section = useRef<HTMLElement>(null)
  // The focused button disappears when the recording starts or stops.
  useLayoutEffect(() => section.current!.focus({ preventScroll: true }), [isLive])
  return (
    <section ref={section} class={`recording ${phase}`} aria-label="Recording" tabIndex={-1}>
      {isLive && <Preview capture={capture} kind={kind} />}
      <div class="recording-bar">
        {isLive ? <Clock recording={recording} /> : <Outcome phase={phase} seconds={seconds} />}
        {isLive && <LevelMeter capture={capture} />}
        <span class="grow" />
        {isLive && (
          <button
            type="button"
            class="button"
            onClick={() => (phase === 'paused' ? recording.resume() : recording.pause())}
          >
            {phase === 'paused' ? <Icon name="play" filled /> : <Icon name="pause" />}
            {phase === 'paused' ? 'Resume' : 'Pause'}
          </button>
        )}
        {isLive && (
          <button type="button" class="button record-stop" onClick={() => recording.stop()}>
            <Icon name="stop" filled /> Stop
          </button>
        )}
        {phase === 'done' && (
          <a class="button primary" href={address(`watch/${video}`)} onClick={onClose}>
            <Icon name="play" filled /> Watch it
          </a>
        )}
        {(phase === 'done' || phase === 'failed') && (
          <button type="button" class="button" onClick={onClose}>
            Record another
          </button>
        )}
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
          {phase === 'failed' && recorded > 0 && ' The part that was not uploaded is stored in this browser.'}
        </p>
      )}
      <RecordingProgress recording={recording} />
    </section>
  )
}

function Outcome({ phase, seconds }: { phase: string; seconds: number }) {
  const text = { sending: 'Uploading the rest…', done: 'Saved', failed: 'Incomplete' }[phase]
  return (
    <p class="recording-outcome" role="status">
      {phase === 'sending' && <span class="spinner" />}
      {phase === 'done' && <Icon name="check" />}
      {phase === 'failed' && <Icon name="warning" />}
      {text} <span class="hint">{clock(seconds)}</span>
    </p>
  )
}

function Preview({ capture, kind }: { capture: Capture; kind: Kind }) {
  const element = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (element.current) element.current.srcObject = capture.stream
  }, [capture])
  if (kind === 'sound') {
    return (
      <div class="recording-preview sound">
        <Icon name="microphone" />
      </div>
    )
  }
  return (
    <div class="recording-preview">
      <video
        ref={element}
        class={kind === 'camera' ? 'mirrored' : ''}
        autoplay
        muted
        playsInline
        aria-label="Preview"
      />
    </div>
  )
}

function Clock({ recording }: { recording: Recording }) {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(Math.floor(recording.seconds())), 250)
    return () => clearInterval(timer)
  }, [recording])
  const paused = recording.state.value.phase === 'paused'
  return (
    <p class="recording-clock">
      <span class={`record-dot${paused ? ' paused' : ''}`} aria-hidden="true" />
      <span role="timer" aria-label={`${paused ? 'Paused at' : 'Recording,'} ${spokenClock(seconds)}`}>
        {clock(seconds)}
      </span>
      {paused && <span class="hint">Paused</span>}
    </p>
  )
}

function RecordingProgress({ recording }: { recording: Recording }) {
  const { recorded, sender, phase } = recording.state.value
  const unsent = Math.max(0, recorded - sender.sent)
  const hasEnded = phase === 'done' || phase === 'failed'
  const problem = hasEnded ? undefined : (connectionProblem.value ?? sender.problem)
  const tryNow = () => {
    void checkConnection()
    recording.tryNow()
  }
  return (
    <div class="sent">
      <progress max={Math.max(1, recorded)} value={sender.sent} aria-label="Uploaded" />
      <p>
        <span data-sent={sender.sent}>{size(sender.sent)} uploaded</span>
        {phase !== 'done' && <span data-unsent={unsent}>{size(unsent)} left</span>}
      </p>
      <div class="connection" role="status">
        {problem && (
          <p class="connection-lost">
            <span>
              {problem}{' '}
              {phase === 'sending'
                ? 'The rest is stored in this browser and uploaded when the connection is back.'
                : 'Keep recording: everything is stored in this browser and uploaded when the connection is back.'}
            </span>
            <button type="button" class="link" onClick={tryNow}>
              Try now
            </button>
          </p>
        )}
      </div>
    </div>
  )
}
