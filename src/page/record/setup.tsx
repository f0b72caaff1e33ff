import { Icon, type IconName } from '../parts/icons.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { SelectField } from '../parts/select-field.tsx'
import { facingOf } from './capture.ts'
import {
  choices,
  choose,
  type Device,
  devices,
  type Kind,
  NO_MICROPHONE,
  wantsCamera,
  wantsMicrophone,
} from './choices.ts'
import { LevelMeter } from './level-meter.tsx'
import { sources } from './sources.ts'
import { isOpening, isStageEmpty, preview, problem, start, title } from './studio.ts'
import { defaultTitle } from './titles.ts'

const KINDS: { kind: Kind; label: string; name: string; icon: IconName }[] = [
  { kind: 'camera', label: 'Camera', name: 'Camera', icon: 'camera' },
  { kind: 'screen', label: 'Screen', name: 'Screen', icon: 'screen' },
  { kind: 'both', label: 'Both', name: 'Screen and camera', icon: 'both' },
  { kind: 'sound', label: 'Voice', name: 'Voice', icon: 'microphone' },
]
function change(next: Parameters<typeof choose>[0]): void {
  choose(next)
  void preview()
}

/** The choice of what to record. */
export function KindField({ isDisabled }: { isDisabled: boolean }) {
  // Phones cannot share their screen.
  const canShare = 'getDisplayMedia' in navigator.mediaDevices
  const offered = KINDS.filter(({ kind }) => canShare || kind === 'camera' || kind === 'sound')
  return (
    <fieldset class="kinds" disabled={isDisabled}>
      <legend class="visually-hidden">What to record</legend>
      {offered.map(({ kind, label, name, icon }) => (
        <label key={kind} class="kind" title={name}>
          <input
            type="radio"
            name="kind"
            value={kind}
            checked={choices.value.kind === kind}
            aria-label={name}
            onChange={() => change({ kind })}
          />
          <Icon name={icon} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** The choice of devices, the level, the title and the start. */
export function Setup() {
  const chosen = choices.value
  const { camera, microphone, mix } = sources.value
  return (
    <form
      class="record-setup"
      onSubmit={event => {
        event.preventDefault()
        void start()
      }}
    >
      <div class="devices">
        {/* Phones turn the camera around with a button on the preview. */}
        {wantsCamera(chosen) && !facingOf(camera) && (
          <SelectField
            label="Camera"
            value={current(devices.value.cameras, camera, chosen.camera)}
            choices={namesOf(devices.value.cameras, 'Camera')}
            onChange={id => change({ camera: id })}
          />
        )}
        <div class="device">
          <SelectField
            label="Microphone"
            value={
              wantsMicrophone(chosen)
                ? current(devices.value.microphones, microphone, chosen.microphone)
                : NO_MICROPHONE
            }
            choices={[
              ...namesOf(devices.value.microphones, 'Microphone'),
              ...(chosen.kind === 'sound' ? [] : [[NO_MICROPHONE, 'No microphone'] as const]),
            ]}
            onChange={id => change({ microphone: id })}
          />
          {wantsMicrophone(chosen) && <LevelMeter mix={microphone && mix} />}
        </div>
      </div>
      <label class="field">
        Title
        <input
          name="title"
          maxLength={500}
          placeholder={defaultTitle(chosen.kind)}
          autocomplete="off"
          value={title.value}
          onInput={event => {
            title.value = event.currentTarget.value
          }}
        />
      </label>
      {!isStageEmpty() && <ProblemText text={problem.value} />}
      <div class="record-begin">
        <button type="submit" class="button record-start" aria-disabled={isOpening.value}>
          <span class="record-dot" aria-hidden="true" />{' '}
          {isOpening.value ? 'Waiting for your permission…' : 'Start recording'}
        </button>
        <p class="hint">Longtake uploads while you record. If the connection breaks, nothing is lost.</p>
      </div>
    </form>
  )
}

/** The device to show as chosen. A chosen device may be unplugged, and then the browser opens another one. */
function current(all: readonly Device[], opened: MediaStream | undefined, chosen: string): string {
  const { deviceId: id = chosen } = opened?.getTracks()[0]?.getSettings() ?? {}
  return all.some(({ deviceId }) => deviceId === id) ? id : (all[0]?.deviceId ?? '')
}

function namesOf(all: readonly Device[], name: string): [id: string, label: string][] {
  if (all.length === 0) return [['', `Default ${name.toLowerCase()}`]]
  return all.map(({ deviceId, label }, at) => [deviceId, label || `${name} ${at + 1}`])
}
