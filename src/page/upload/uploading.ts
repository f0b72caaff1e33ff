import { signal } from '@preact/signals'

/** Progress of all uploads of this tab together, in percent; undefined if there are none. */
export const uploading = signal<{ percent: number } | undefined>()

/** The videos that this tab has uploaded, the latest first. */
export const uploaded = signal<readonly { readonly id: string; readonly title: string }[]>([])
