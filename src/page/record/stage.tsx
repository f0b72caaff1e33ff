import { useEffect, useRef, useState } from 'preact/hooks'
import { mark, say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon, type IconName } from '../parts/icons.tsx'
import { facingOf } from './capture.ts'
import { choices, choose, type Kind, wantsScreen } from './choices.ts'
import { Countdown } from './countdown.tsx'
import { LiveWaveform } from './live-waveform.tsx'
import { sources } from './sources.ts'
import { chooseScreen, isOpening, isStageEmpty, open, problem, step } from './studio.ts'

const EMPTY: Record<Kind, { icon: IconName; button: string; hint: string }> = {
  camera: {
    icon: 'camera',
    button: mark('Turn on the camera'),
    hint: mark('See yourself before you record.'),
  },
  screen: {
    icon: 'screen',
    button: mark('Choose what to share'),
    hint: mark('A screen, a window or a tab.'),
  },
  both: {
    icon: 'both',
    button: mark('Choose what to share'),
    hint: mark('Your camera appears in a corner of it.'),
  },
  sound: {
    icon: 'microphone',
    button: mark('Turn on the microphone'),
    hint: mark('Check the level before you record.'),
  },
}

/** The picture that is or will be recorded, with its controls and the countdown. */
export function Stage() {
  const { kind } = choices.value
  const { picture, camera, mix, microphone } = sources.value
  const [isPortrait, setPortrait] = useState(false)
  return (
    <div class={`stage ${kind}${isPortrait && picture ? ' portrait' : ''}`}>
      {picture && kind !== 'sound' && (
        <Picture
          stream={picture}
          mirrored={kind === 'camera' && facingOf(camera) !== 'environment'}
          onResize={setPortrait}
        />
      )}
      {kind === 'sound' && microphone && <LiveWaveform mix={mix!} />}
      {isStageEmpty() && <Empty kind={kind} />}
      {/* Without a screen yet, the camera shows where it will be. */}
      {!picture && camera && <Picture stream={camera} mirrored bubble />}
      <StageControls />
      {step.value.at === 'countdown' && <Countdown />}
    </div>
  )
}

interface PictureProps {
  readonly stream: MediaStream
  readonly mirrored: boolean
  readonly bubble?: boolean
  /** Called with the shape of the picture, which changes when a phone is turned. */
  readonly onResize?: (isPortrait: boolean) => void
}

function Picture({ stream, mirrored, bubble = false, onResize }: PictureProps) {
  const element = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    element.current!.srcObject = stream
  }, [stream])
  return (
    <video
      ref={element}
      class={`${bubble ? 'stage-bubble' : 'stage-picture'}${mirrored ? ' mirrored' : ''}`}
      autoplay
      muted
      playsInline
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => onResize?.(videoHeight > videoWidth)}
      aria-label={bubble ? say('Preview of the camera') : say('Preview')}
    />
  )
}

function Empty({ kind }: { kind: Kind }) {
  const { icon, button, hint } = EMPTY[kind]
  return (
    <div class="stage-empty">
      {problem.value ? (
        <p class="stage-problem" role="alert">
          <Icon name="warning" /> <span>{problem.value}</span>
        </p>
      ) : (
        <Icon name={icon} />
      )}
      <button
        type="button"
        class="button"
        aria-disabled={isOpening.value}
        onClick={() => void (wantsScreen(choices.value) ? chooseScreen() : open())}
      >
        {say(button)}
      </button>
      {!problem.value && <p>{say(hint)}</p>}
    </div>
  )
}

function StageControls() {
  const { camera, screen, overlay } = sources.value
  const facing = facingOf(camera)
  const isSetup = step.value.at === 'setup'
  const flip = () => {
    choose({ facing: facing === 'user' ? 'environment' : 'user' })
    void open()
  }
  return (
    <div class="stage-controls">
      {isSetup && facing && (
        <IconButton
          icon="flip"
          label={facing === 'user' ? say('Use the back camera') : say('Use the front camera')}
          title={say('Turn the camera around')}
          onClick={flip}
        />
      )}
      {overlay && (
        <IconButton
          icon="corner"
          label={say('Move the camera to the next corner')}
          title={say('Move the camera')}
          onClick={() => overlay.moveToNextCorner()}
        />
      )}
      {isSetup && screen && (
        <button type="button" class="button small" onClick={() => void chooseScreen()}>
          <Icon name="screen" /> {say('Share something else')}
        </button>
      )}
    </div>
  )
}
