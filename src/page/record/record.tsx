import { useEffect } from 'preact/hooks'
import { Notice } from '../parts/notice.tsx'
import './record.css'
import './stage.css'
import { say } from '../locale/say.ts'
import { listDevices } from './choices.ts'
import { Live } from './live.tsx'
import { Outcome } from './outcome.tsx'
import { RecordingBar } from './recording-bar.tsx'
import { recordingBar } from './recording-now.ts'
import { KindField, Setup } from './setup.tsx'
import { sources } from './sources.ts'
import { Stage } from './stage.tsx'
import { leave, preview, step } from './studio.ts'
import { Unfinished } from './unfinished.tsx'

export function RecordView() {
  useEffect(() => {
    document.title = `${say('Record')} – Longtake`
  }, [])
  if (!('MediaRecorder' in window) || !navigator.mediaDevices) {
    return (
      <div class="page-column">
        <h1>{say('Record')}</h1>
        <Notice icon="camera" title={say('This browser cannot record here')}>
          <p>
            {say(
              'Browsers allow the camera and the microphone only over HTTPS, or on the computer that Longtake runs on. Open Longtake in one of these ways, or use another browser.',
            )}
          </p>
        </Notice>
      </div>
    )
  }
  return <Recorder />
}

function Recorder() {
  const { value: current } = step
  const recording = current.at === 'recording' ? current.recording : undefined
  const hasEnded = recording !== undefined && !isLive(recording.state.value.phase)
  useEffect(() => {
    recordingBar.value = RecordingBar
    if (step.value.at === 'setup') void preview()
    const stop = new AbortController()
    const list = () => void listDevices()
    navigator.mediaDevices.addEventListener('devicechange', list, { signal: stop.signal })
    // The sound of a page, and with it the level, starts only after the user has clicked or typed.
    const resume = () => sources.value.mix?.resume()
    for (const name of ['pointerdown', 'keydown']) addEventListener(name, resume, { signal: stop.signal })
    return () => {
      stop.abort()
      leave()
    }
  }, [])
  return (
    <div class="page-column recorder">
      <h1>{say('Record')}</h1>
      {current.at === 'setup' && <Unfinished />}
      {!hasEnded && <KindField isDisabled={current.at !== 'setup'} />}
      {!hasEnded && <Stage />}
      {current.at === 'setup' && <Setup />}
      {recording && !hasEnded && <Live recording={recording} />}
      {recording && hasEnded && <Outcome recording={recording} />}
    </div>
  )
}

const isLive = (phase: string) => phase === 'recording' || phase === 'paused'
