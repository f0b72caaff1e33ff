import { signal } from '@preact/signals'

/** A view of this tab that sends uploads. */
export type Sender = 'upload' | 'record'

/** The uploads that this tab is sending, each with the view that sends it. The keys are ids of uploads. */
export const ownUploads = signal<ReadonlyMap<string, Sender>>(new Map())

/** Ids of uploads that the user has cancelled, and can still restore. No view shows them. */
export const cancelledUploads = signal<ReadonlySet<string>>(new Set())

/** Replaces the uploads that a view is sending. @param links of the uploads, or their ids */
export function setOwnUploads(sender: Sender, links: readonly string[]): void {
  const others = [...ownUploads.value].filter(([, view]) => view !== sender)
  const own = links.map(link => [link.split('/').at(-1)!, sender] as const)
  const next = new Map([...others, ...own])
  if (!sameKeys(next, ownUploads.value)) ownUploads.value = next
}

export function setCancelledUploads(ids: readonly string[]): void {
  const next = new Set(ids)
  if (!sameKeys(next, cancelledUploads.value)) cancelledUploads.value = next
}

type Keyed = ReadonlySet<string> | ReadonlyMap<string, unknown>

const sameKeys = (one: Keyed, other: Keyed) =>
  one.size === other.size && [...one.keys()].every(key => other.has(key))
