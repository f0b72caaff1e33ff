import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { say } from '../locale/say.ts'
import { type Item, summaryOf } from './item.ts'

const items = new Map<string, Signal<Item>>()

/** Ids of the files in the queue, in the order in which they were added. */
export const ids = signal<readonly string[]>([])

/** The latest message for screen readers. */
export const announcement = signal('')

export const itemOf = (id: string): ReadonlySignal<Item> | undefined => items.get(id)

export const summary = computed(() => summaryOf(ids.value.map(id => items.get(id)!.value)))

/** Shows these items. Rows of unchanged items are not rendered again. */
export function showItems(shown: readonly Item[]): void {
  batch(() => {
    for (const item of shown) showItem(item)
    const next = shown.map(({ id }) => id)
    const before = ids.value
    if (next.length === before.length && next.every((id, at) => id === before[at])) return
    ids.value = next
  })
  const kept = new Set(ids.value)
  for (const id of items.keys()) if (!kept.has(id)) items.delete(id)
}

/** Shows an item, if it has changed. */
export function showItem(item: Item): void {
  const known = items.get(item.id)
  if (!known) items.set(item.id, signal(item))
  else if ((Object.keys(item) as (keyof Item)[]).some(key => item[key] !== known.value[key])) {
    announce(known.value, item)
    known.value = item
  }
}

const WAIT_MS = 1000
let messages: string[] = []

/** Tells screen readers about a new phase; several in the same second become one message. */
function announce(before: Item, { phase, title, problem }: Item): void {
  if (before.phase === phase) return
  const text = {
    queued: '',
    uploading: '',
    paused: say('“{title}” paused.', { title }),
    choose: '',
    failed: `${say('“{title}” was not uploaded.', { title })} ${problem ?? ''}`,
    processing: say('“{title}” is uploaded.', { title }),
    ready: say('“{title}” is ready.', { title }),
    unusable: `${say('“{title}” cannot be played.', { title })} ${problem ?? ''}`,
  }[phase]
  if (!text) return
  if (messages.length === 0) setTimeout(speak, WAIT_MS)
  messages.push(text)
}

function speak(): void {
  const { uploaded, total } = summary.value
  announcement.value =
    messages.length <= 2 ? messages.join(' ') : say('{uploaded} of {total} uploaded.', { uploaded, total })
  messages = []
}
