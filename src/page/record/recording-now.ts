import { signal } from '@preact/signals'

/** Whether this tab is recording. In its own module, because the header must not load the recorder. */
export const recordingNow = signal(false)
