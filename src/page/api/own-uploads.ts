import { signal } from '@preact/signals'

/** A view of this tab that sends uploads. */
export type Sender = 'upload' | 'record'

/** The uploads that this tab is sending: the view that sends each one, by the upload's id. */
export const ownUploads = signal<ReadonlyMap<string, Sender>>(new Map())

/** Replaces the uploads that a view is sending. @param links their addresses */
export function setOwnUploads(sender: Sender, links: readonly string[]): void {
  const others = [...ownUploads.value].filter(([, view]) => view !== sender)
  const own = links.map(link => [link.split('/').at(-1)!, sender] as const)
  ownUploads.value = new Map([...others, ...own])
}
