import { signal } from '@preact/signals'

/** Whether this tab is recording. A module of its own, so that the header does not load the recorder. */
export const recordingNow = signal(false)
