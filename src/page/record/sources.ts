import { signal } from '@preact/signals'
import { CameraOverScreen } from './camera-over-screen.ts'
import { openDevices, openScreen } from './capture.ts'
import { type Choices, choices, listDevices, wantsCamera, wantsMicrophone, wantsScreen } from './choices.ts'
import { SoundMix } from './sound-mix.ts'

/** The open devices. */
export interface Sources {
  readonly camera?: MediaStream | undefined
  readonly microphone?: MediaStream | undefined
  readonly screen?: MediaStream | undefined
  /** The picture to record: of the camera, of the screen, or of both. */
  readonly picture?: MediaStream | undefined
  readonly mix?: SoundMix | undefined
  readonly overlay?: CameraOverScreen | undefined
}

export const sources = signal<Sources>({})

/** The choices with which the camera and the microphone were opened. */
let openedWith: { camera?: string | undefined; microphone?: string | undefined } = {}
/** Increases with each change, so that devices that open too late are closed again. */
let turn = 0
let onEnd = () => {}

/** @param listener called if the user ends the sharing with the browser's own button, or unplugs a device */
export function onSourceEnd(listener: () => void): void {
  onEnd = listener
}

/**
 * Opens the chosen devices, and closes the others. The screen must be open already, because browsers let the user choose
 * it only right after a click.
 * @returns false if another call or `closeSources` has replaced this one. @throws Error with a message to show
 */
export async function openSources(): Promise<boolean> {
  const chosen = choices.value
  closeUnwanted()
  const { camera, microphone } = sources.value
  const missing = {
    camera: wantsCamera(chosen) && !camera,
    microphone: wantsMicrophone(chosen) && !microphone,
  }
  if (missing.camera || missing.microphone) {
    const current = turn
    const stream = await openDevices(chosen, missing)
    if (current !== turn) {
      stop(stream)
      return false
    }
    watchEnds(stream)
    if (missing.camera) openedWith.camera = cameraKey(chosen)
    if (missing.microphone) openedWith.microphone = chosen.microphone
    update({
      ...(missing.camera && { camera: new MediaStream(stream.getVideoTracks()) }),
      ...(missing.microphone && { microphone: new MediaStream(stream.getAudioTracks()) }),
    })
    void listDevices()
  } else update({})
  return true
}

/** Lets the user choose another screen. Must be called right after a click. @throws Error with a message to show */
export async function shareScreen(): Promise<void> {
  const current = turn
  const screen = await openScreen()
  if (current !== turn) return stop(screen)
  stop(sources.value.screen)
  watchEnds(screen)
  update({ screen })
}

export function closeSources(): void {
  turn++
  const { camera, microphone, screen, mix, overlay } = sources.value
  for (const stream of [camera, microphone, screen]) stop(stream)
  overlay?.close()
  mix?.close()
  openedWith = {}
  sources.value = {}
}

/** The stream to record: the picture, and all sound in one track. */
export function streamToRecord(): MediaStream {
  const { picture, mix } = sources.value
  return new MediaStream([...(picture?.getVideoTracks() ?? []), ...(mix?.hasSound ? [mix.track] : [])])
}

/** Closes the devices that are not chosen. */
export function closeUnwanted(): void {
  turn++
  const chosen = choices.value
  const { camera, microphone, screen } = sources.value
  const keeps = {
    camera: wantsCamera(chosen) && openedWith.camera === cameraKey(chosen) && isLive(camera),
    microphone: wantsMicrophone(chosen) && openedWith.microphone === chosen.microphone && isLive(microphone),
    screen: wantsScreen(chosen) && isLive(screen),
  }
  if (!keeps.camera) stop(camera)
  if (!keeps.microphone) stop(microphone)
  if (!keeps.screen) stop(screen)
  update({
    ...(!keeps.camera && { camera: undefined }),
    ...(!keeps.microphone && { microphone: undefined }),
    ...(!keeps.screen && { screen: undefined }),
  })
}

/** Changes the open devices, and makes the picture and the sound of them. */
function update(change: Pick<Sources, 'camera' | 'microphone' | 'screen'>): void {
  const before = sources.value
  const next = { ...before, ...change }
  const mix = before.mix ?? (next.microphone || next.screen ? new SoundMix() : undefined)
  if (next.microphone !== before.microphone) mix?.setMicrophone(next.microphone)
  if (next.screen !== before.screen) mix?.setScreen(next.screen)
  let { overlay } = before
  const needsOverlay = Boolean(next.screen && next.camera)
  if (overlay && (!needsOverlay || next.screen !== before.screen)) {
    overlay.close()
    overlay = undefined
  }
  if (needsOverlay) {
    overlay ??= new CameraOverScreen(next.screen!)
    overlay.setCamera(next.camera)
  }
  const picture =
    overlay?.stream ?? next.screen ?? (choices.value.kind === 'camera' ? next.camera : undefined)
  sources.value = { ...next, mix, overlay, picture }
}

function watchEnds(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.addEventListener('ended', () => onEnd())
}

const cameraKey = ({ camera, facing }: Choices) => facing ?? camera
const isLive = (stream: MediaStream | undefined) =>
  stream?.getTracks().some(({ readyState }) => readyState === 'live') ?? false

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}
