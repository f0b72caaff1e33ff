import { signal } from '@preact/signals'

/** Ids of the selected videos. */
export const selected = signal<ReadonlySet<string>>(new Set())

/** The video that was selected last; Shift selects from it. */
let last: string | undefined

/**
 * Selects a video, or removes it from the selection.
 * @param ids all videos in the order of the list, to give all videos since the last one the same state
 */
export function toggleSelected(id: string, ids?: readonly string[]): void {
  const isOn = !selected.value.has(id)
  const [from, to] = [ids?.indexOf(last ?? '') ?? -1, ids?.indexOf(id) ?? -1]
  const range = from >= 0 && to >= 0 ? ids!.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]
  const next = new Set(selected.value)
  for (const each of range) {
    if (isOn) next.add(each)
    else next.delete(each)
  }
  selected.value = next
  last = id
}

export function select(ids: readonly string[]): void {
  selected.value = new Set(ids)
}

export function clearSelection(): void {
  if (selected.value.size > 0) selected.value = new Set()
  last = undefined
}
