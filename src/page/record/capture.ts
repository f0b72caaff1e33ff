import { say } from '../locale/say.ts'
import { type Choices, type Facing, permissionOf, wantsCamera, wantsMicrophone } from './choices.ts'

const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
/** The sound of programs is recorded unprocessed. */
const UNPROCESSED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
const HD = { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 30 } }

/** Screen Capture; in Chromium only. */
interface WithCaptureController {
  readonly CaptureController?: new () => { setFocusBehavior(behavior: 'no-focus-change'): void }
}

/**
 * Opens the chosen camera, the chosen microphone, or both with one question to the user. If a chosen device is no longer connected, the
 * browser opens another one.
 * @throws Error with a message to show
 */
export async function openDevices(
  chosen: Choices,
  { camera, microphone }: { readonly camera: boolean; readonly microphone: boolean },
): Promise<MediaStream> {
  const picture = camera && {
    ...HD,
    ...(chosen.facing
      ? { facingMode: { ideal: chosen.facing } }
      : chosen.camera && { deviceId: { ideal: chosen.camera } }),
  }
  const sound = microphone && {
    ...SPEECH,
    ...(chosen.microphone && { deviceId: { ideal: chosen.microphone } }),
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      ...(picture && { video: picture }),
      ...(sound && { audio: sound }),
    })
  } catch (error) {
    const isRefused = (error as DOMException).name === 'NotAllowedError'
    const reason = isRefused
      ? refusalOf(chosen, await refused({ camera, microphone }))
      : reasonOf(error as DOMException, nameOf(chosen))
    throw new Error(reason, { cause: error })
  }
}

/** The only device of a question to the user that the browser does not allow; undefined if that is not known. */
async function refused(asked: {
  readonly camera: boolean
  readonly microphone: boolean
}): Promise<'camera' | 'microphone' | undefined> {
  const names = (['camera', 'microphone'] as const).filter(name => asked[name])
  const denied = await Promise.all(
    names.map(async name => ((await permissionOf(name)) === 'denied' ? name : [])),
  )
  const [first, second] = denied.flat()
  return second ? undefined : first
}

/** Advice for a user whose browser does not allow a device. */
function refusalOf(chosen: Choices, only: 'camera' | 'microphone' | undefined): string {
  const device = only ? { camera: say('camera'), microphone: say('microphone') }[only] : nameOf(chosen)
  const text = say(
    'The browser does not allow the use of your {device}. Allow it next to the address bar, then try again.',
    { device },
  )
  return only === 'microphone' && chosen.kind !== 'sound'
    ? `${text} ${say('Or choose “No microphone” to record without sound.')}`
    : text
}

/** Lets the user choose a screen, a window or a tab. @throws Error with a message to show */
export async function openScreen(): Promise<MediaStream> {
  // Chromium would show the chosen window at once, but the user looks at the preview first.
  const { CaptureController } = window as WithCaptureController
  const controller = CaptureController && new CaptureController()
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: HD,
      audio: UNPROCESSED,
      ...(controller && { controller }),
    })
    // Only tabs and windows can be shown, so this throws for a screen.
    try {
      controller?.setFocusBehavior('no-focus-change')
    } catch {}
    return stream
  } catch (error) {
    const { name } = error as DOMException
    throw new Error(
      name === 'NotAllowedError'
        ? say('Nothing was shared. Choose a screen or a window, and allow the browser to record it.')
        : reasonOf(error as DOMException, say('screen')),
      { cause: error },
    )
  }
}

/** The direction of a phone's camera; undefined for other cameras. */
export function facingOf(camera: MediaStream | undefined): Facing | undefined {
  const { facingMode } = camera?.getVideoTracks()[0]?.getSettings() ?? {}
  return facingMode === 'user' || facingMode === 'environment' ? facingMode : undefined
}

/** The first suitable media type that the browser can record. */
export function recordingType(hasPicture: boolean): string {
  const types = hasPicture
    ? ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4']
    : ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
  return types.find(type => MediaRecorder.isTypeSupported(type)) ?? ''
}

function nameOf(chosen: Choices): string {
  if (!wantsCamera(chosen)) return say('microphone')
  return wantsMicrophone(chosen) ? say('camera or microphone') : say('camera')
}

function reasonOf({ name }: DOMException, device: string): string {
  if (name === 'NotFoundError') return say('No {device} was found. Connect one, then try again.', { device })
  if (name === 'NotReadableError')
    return say('Another program is using your {device}. Close it, then try again.', { device })
  return say('Your {device} could not be opened ({name}).', { device, name })
}
