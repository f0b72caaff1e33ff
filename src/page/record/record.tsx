import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { Icon, type IconName } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { type Capture, type Kind, openCapture } from './capture.ts'
import { Recording } from './recording.ts'
import './record.css'
import { ProblemText } from '../parts/problem-text.tsx'
import { RecordingPanel } from './recording-panel.tsx'
import { Unfinished } from './unfinished.tsx'

const KINDS: { kind: Kind; label: string; hint: string; icon: IconName }[] = [
  { kind: 'camera', label: 'Camera', hint: 'You, with your microphone', icon: 'camera' },
  { kind: 'screen', label: 'Screen', hint: 'A screen, a window or a tab', icon: 'screen' },
  { kind: 'sound', label: 'Voice', hint: 'Your microphone only', icon: 'microphone' },
]

/** The recording continues while another view is shown. */
const current = signal<{ recording: Recording; capture: Capture; kind: Kind } | undefined>()

export function RecordView() {
  useEffect(() => {
    document.title = 'Record – Longtake'
  }, [])
  if (!('MediaRecorder' in window) || !navigator.mediaDevices) {
    return (
      <div class="page-column">
        <h1>Record</h1>
        <Notice icon="camera" title="This browser cannot record here">
          <p>
            Browsers allow the camera and the microphone only over HTTPS, or on the computer that Longtake
            runs on. Open Longtake in one of these ways, or use another browser.
          </p>
        </Notice>
      </div>
    )
  }
  return (
    <div class="page-column">
      <h1>Record</h1>
      {current.value ? (
        <RecordingPanel
          {...current.value}
          onClose={() => {
            current.value = undefined
          }}
        />
      ) : (
        <>
          <Unfinished />
          <Setup />
        </>
      )}
    </div>
  )
}

function Setup() {
  const [kind, setKind] = useState<Kind>('camera')
  const [microphone, setMicrophone] = useState(true)
  const [problem, setProblem] = useState<string>()
  const [isOpening, setIsOpening] = useState(false)
  const start = async (title: string) => {
    setProblem(undefined)
    setIsOpening(true)
    try {
      const capture = await openCapture(kind, microphone, () => current.value?.recording.stop())
      current.value = {
        recording: new Recording(capture, kind, title.trim() || defaultTitle(kind)),
        capture,
        kind,
      }
    } catch (error) {
      setProblem(messageOf(error))
    }
    setIsOpening(false)
  }
  return (
    <form
      class="record-setup"
      onSubmit={event => {
        event.preventDefault()
        void start(new FormData(event.currentTarget).get('title') as string)
      }}
    >
      <p class="lead">Longtake uploads while you record. If the connection breaks, nothing is lost.</p>
      <fieldset class="kinds">
        <legend class="visually-hidden">What to record</legend>
        {KINDS.map(({ kind: each, label, hint, icon }) => (
          <label key={each} class="kind">
            <input
              type="radio"
              name="kind"
              value={each}
              checked={kind === each}
              onChange={() => {
                setKind(each)
                setProblem(undefined)
              }}
            />
            <Icon name={icon} />
            <b>{label}</b>
            <span class="hint">{hint}</span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        Title
        <input name="title" maxLength={500} placeholder={defaultTitle(kind)} autocomplete="off" />
      </label>
      {kind !== 'sound' && (
        <label class="check">
          <input
            type="checkbox"
            checked={microphone}
            onChange={event => setMicrophone(event.currentTarget.checked)}
          />
          Include my microphone
        </label>
      )}
      <ProblemText text={problem} />
      <button type="submit" class="button record-start" aria-disabled={isOpening}>
        <span class="record-dot" aria-hidden="true" />{' '}
        {isOpening ? 'Waiting for your permission…' : 'Start recording'}
      </button>
    </form>
  )
}

function defaultTitle(kind: Kind): string {
  const source = { camera: 'Camera', screen: 'Screen', sound: 'Voice' }[kind]
  const time = new Intl.DateTimeFormat(navigator.languages as string[], {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  return `${source} recording, ${time.format(new Date())}`
}
