import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'

/** Whether this tab is recording. In its own module, because the header must not load the recorder. */
export const recordingNow = signal(false)

/** The floating bar of the recorder, from the start of a recording until its end is seen. */
export const recordingBar = signal<ComponentType>()
