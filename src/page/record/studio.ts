import { signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { navigate } from '../router.ts'
import { choices, isAllowed, listDevices, wantsScreen } from './choices.ts'
import { Recording } from './recording.ts'
import { recordingNow } from './recording-now.ts'
import {
  closeSources,
  closeUnwanted,
  onSourceEnd,
  openSources,
  shareScreen,
  sources,
  streamToRecord,
} from './sources.ts'
import { takeDefaultTitle } from './titles.ts'
import { keepScreenOn } from './wake-lock.ts'

/** Time for which a discarded take can be kept. */
const GRACE_S = 7
const NOTICE_S = 12

/** Setup with the preview, the countdown, or a recording, which goes on while another view is shown. */
export type Step =
  | { readonly at: 'setup' }
  | { readonly at: 'countdown' }
  | { readonly at: 'recording'; readonly recording: Recording }

export const step = signal<Step>({ at: 'setup' })
/** The title that the user has typed before the recording. */
export const title = signal('')
export const problem = signal<string | undefined>()
export const isOpening = signal(false)
export const isMuted = signal(false)

let letScreenSleep = () => {}

/** Whether there is no preview yet. */
export const isStageEmpty = () =>
  !(choices.value.kind === 'sound' ? sources.value.microphone : sources.value.picture)

/** Shows the preview, if the browser allows the devices already. */
export async function preview(): Promise<void> {
  problem.value = undefined
  closeUnwanted()
  await listDevices().catch(() => {})
  // Meanwhile the user may have started: the devices of a click are not opened a second time.
  if (!(await isAllowed(choices.value)) || isOpening.value) return
  await openSources().catch(showProblem)
}

/** Opens the camera and the microphone. The browser may ask the user. */
export const open = () => attempt(async () => void (await openSources()))

/** Must be called right after a click. */
export const chooseScreen = () =>
  attempt(async () => {
    await shareScreen()
    await openSources()
  })

/** Opens what is missing, and counts down. Must be called right after a click. */
export const start = () =>
  attempt(async () => {
    const chosen = choices.value
    if (wantsScreen(chosen) && !sources.value.screen) await shareScreen()
    if ((await openSources()) && choices.value === chosen) step.value = { at: 'countdown' }
  })

/** Ends the countdown. */
export function record(): void {
  sources.value.mix?.resume()
  const recording = new Recording({
    stream: streamToRecord(),
    title: title.value.trim() || takeDefaultTitle(choices.value.kind),
    onEnd: endCapture,
  })
  letScreenSleep = keepScreenOn()
  recordingNow.value = true
  step.value = { at: 'recording', recording }
}

/** Back to the setup, after a recording or during the countdown. */
export function backToSetup(): void {
  title.value = ''
  step.value = { at: 'setup' }
}

/** Discards this take and begins another one with the same devices. */
export function restart(recording: Recording): void {
  const seconds = recording.seconds()
  setMuted(false)
  // The new take has the same title.
  title.value = recording.state.value.title
  recording.discard()
  letScreenSleep()
  recordingNow.value = false
  step.value = { at: 'countdown' }
  navigate('record')
  if (recording.state.value.recorded === 0) return void recording.remove().catch(() => {})
  toast(say('Take of {time} discarded.', { time: clock(seconds) }), {
    seconds: GRACE_S,
    action: { label: say('Keep it'), run: () => void keep(recording) },
    onEnd: () => void recording.remove().catch(() => {}),
  })
}

export function setMuted(muted: boolean): void {
  isMuted.value = muted
  if (sources.value.mix) sources.value.mix.muted = muted
}

/** Called when the user leaves the view: the camera must not stay on unseen. */
export function leave(): void {
  if (step.value.at === 'recording') return
  closeSources()
  step.value = { at: 'setup' }
}

async function keep(recording: Recording): Promise<void> {
  const name = recording.state.value.title
  try {
    await recording.keep()
    toast(say('“{name}” saved.', { name }))
  } catch (error) {
    toast(say('The take could not be saved. {reason}', { reason: messageOf(error) }), { seconds: NOTICE_S })
  }
}

function endCapture(): void {
  closeSources()
  letScreenSleep()
  recordingNow.value = false
}

const isOn = ({ readyState }: MediaStreamTrack) => readyState === 'live'

async function attempt(work: () => Promise<void>): Promise<void> {
  const chosen = choices.value
  problem.value = undefined
  isOpening.value = true
  // The sound of a page starts only after a click.
  sources.value.mix?.resume()
  await work().catch(showProblem)
  isOpening.value = false
  if (choices.value !== chosen) void preview()
}

function showProblem(error: unknown): void {
  problem.value = messageOf(error)
}

/** The user has ended the sharing with the browser's own button, or unplugged a device. */
onSourceEnd(() => {
  const { camera, screen, microphone, overlay } = sources.value
  const { kind } = choices.value
  if (step.value.at === 'recording') {
    const main =
      kind === 'sound'
        ? microphone?.getAudioTracks()
        : (kind === 'camera' ? camera : screen)?.getVideoTracks()
    if (!main?.some(isOn)) step.value.recording.stop()
    if (!camera?.getTracks().some(isOn)) overlay?.setCamera(undefined)
    return
  }
  step.value = { at: 'setup' }
  void preview()
})
