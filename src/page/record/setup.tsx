import { mark, say } from '../locale/say.ts'
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
  { kind: 'camera', label: mark('Camera'), name: mark('Camera'), icon: 'camera' },
  { kind: 'screen', label: mark('Screen'), name: mark('Screen'), icon: 'screen' },
  { kind: 'both', label: mark('Both'), name: mark('Screen and camera'), icon: 'both' },
  { kind: 'sound', label: mark('Voice'), name: mark('Voice'), icon: 'microphone' },
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
      <legend class="visually-hidden">{say('What to record')}</legend>
      {offered.map(({ kind, label, name, icon }) => (
        <label key={kind} class="kind" title={say(name)}>
          <input
            type="radio"
            name="kind"
            value={kind}
            checked={choices.value.kind === kind}
            aria-label={say(name)}
            onChange={() => change({ kind })}
          />
          <Icon name={icon} />
          <span>{say(label)}</span>
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
            label={say('Camera')}
            value={current(devices.value.cameras, camera, chosen.camera)}
            choices={namesOf(devices.value.cameras, say('Default camera'), number =>
              say('Camera {number}', { number }),
            )}
            onChange={id => change({ camera: id })}
          />
        )}
        <div class="device">
          <SelectField
            label={say('Microphone')}
            value={
              wantsMicrophone(chosen)
                ? current(devices.value.microphones, microphone, chosen.microphone)
                : NO_MICROPHONE
            }
            choices={[
              ...namesOf(devices.value.microphones, say('Default microphone'), number =>
                say('Microphone {number}', { number }),
              ),
              ...(chosen.kind === 'sound' ? [] : [[NO_MICROPHONE, say('No microphone')] as const]),
            ]}
            onChange={id => change({ microphone: id })}
          />
          {wantsMicrophone(chosen) && <LevelMeter mix={microphone && mix} />}
        </div>
      </div>
      <label class="field">
        {say('Title')}
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
          {isOpening.value ? say('Waiting for your permission…') : say('Start recording')}
        </button>
        <p class="hint">
          {say('Longtake uploads while you record. If the connection breaks, nothing is lost.')}
        </p>
      </div>
    </form>
  )
}

/** The device to show as chosen. A chosen device may be unplugged, and then the browser opens another one. */
function current(all: readonly Device[], opened: MediaStream | undefined, chosen: string): string {
  const { deviceId: id = chosen } = opened?.getTracks()[0]?.getSettings() ?? {}
  return all.some(({ deviceId }) => deviceId === id) ? id : (all[0]?.deviceId ?? '')
}

/** The names of devices. @param byDefault the name while the devices are unknown @param numbered the name of a device without a name */
function namesOf(
  all: readonly Device[],
  byDefault: string,
  numbered: (number: number) => string,
): [id: string, label: string][] {
  if (all.length === 0) return [['', byDefault]]
  return all.map(({ deviceId, label }, at) => [deviceId, label || numbered(at + 1)])
}
