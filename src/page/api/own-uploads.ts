import { signal } from '@preact/signals'

/** A view of this tab that sends uploads. */
export type Sender = 'upload' | 'record'

/** The uploads that this tab is sending, each with the view that sends it. The keys are ids of uploads. */
export const ownUploads = signal<ReadonlyMap<string, Sender>>(new Map())

/** Replaces the uploads that a view is sending. @param links of the uploads */
export function setOwnUploads(sender: Sender, links: readonly string[]): void {
  const others = [...ownUploads.value].filter(([, view]) => view !== sender)
  const own = links.map(link => [link.split('/').at(-1)!, sender] as const)
  ownUploads.value = new Map([...others, ...own])
}
