import { signal } from '@preact/signals'

/** How far the uploads of this tab are together; undefined where there are none. */
export const uploading = signal<{ percent: number } | undefined>()

/** What this tab has uploaded, the latest first. */
export const uploaded = signal<readonly { readonly id: string; readonly title: string }[]>([])
