import { signal } from '@preact/signals'

/** Whether this tab is recording. */
export const recordingNow = signal(false)
