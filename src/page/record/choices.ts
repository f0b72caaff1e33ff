import { signal } from '@preact/signals'

export type Kind = 'camera' | 'screen' | 'both' | 'sound'
export type Facing = 'user' | 'environment'

/** A camera or a microphone. `label` is empty until the user has allowed its use. */
export type Device = Pick<MediaDeviceInfo, 'deviceId' | 'label'>

/** The kind of recording, and its devices. */
export interface Choices {
  readonly kind: Kind
  /** `deviceId`; '' for the browser's default. */
  readonly camera: string
  /** `deviceId`; '' for the browser's default, NO_MICROPHONE for none. */
  readonly microphone: string
  /** The camera on the front or on the back of a phone. */
  readonly facing?: Facing | undefined
}

export const NO_MICROPHONE = 'none'
const KEY = 'longtake-recorder'
const DEFAULTS: Choices = { kind: 'camera', camera: '', microphone: '' }

/** The choices, also of earlier visits. */
export const choices = signal<Choices>(stored())
export const devices = signal<{
  readonly cameras: readonly Device[]
  readonly microphones: readonly Device[]
}>({
  cameras: [],
  microphones: [],
})

export function choose(change: Partial<Choices>): void {
  choices.value = { ...choices.value, ...change }
  // A phone is turned around for one recording.
  const { facing: _, ...lasting } = choices.value
  localStorage.setItem(KEY, JSON.stringify(lasting))
}

export const wantsCamera = ({ kind }: Choices) => kind === 'camera' || kind === 'both'
export const wantsScreen = ({ kind }: Choices) => kind === 'screen' || kind === 'both'
export const wantsMicrophone = ({ kind, microphone }: Choices) =>
  kind === 'sound' || microphone !== NO_MICROPHONE

/** Lists the devices again, because one was plugged in, or the user has allowed to read their names. */
export async function listDevices(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices()
  // Before the user allows it, browsers list devices without ids.
  const of = (kind: MediaDeviceKind) => all.filter(each => each.kind === kind && each.deviceId !== '')
  devices.value = { cameras: of('videoinput'), microphones: of('audioinput') }
}

/** Whether the devices can be opened without asking the user. Not all browsers tell. */
export async function isAllowed(wanted: Choices): Promise<boolean> {
  const states = await Promise.all([
    ...(wantsCamera(wanted) ? [permissionOf('camera')] : []),
    ...(wantsMicrophone(wanted) ? [permissionOf('microphone')] : []),
  ])
  return states.every(state => state === 'granted')
}

/** @returns undefined if the browser does not tell */
export async function permissionOf(name: 'camera' | 'microphone'): Promise<PermissionState | undefined> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state
  } catch {
    return undefined
  }
}

function stored(): Choices {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') }
  } catch {
    return DEFAULTS
  }
}
