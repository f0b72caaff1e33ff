import { batch, signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import type { ListedVideo, Video, VideoPage } from '../api/types.ts'
import { listVideos } from '../api/videos.ts'
import {
  type Filters,
  isFiltered,
  NEEDS_ATTENTION,
  NO_FILTERS,
  parametersOf,
  sameFilters,
} from './filters.ts'
import { clearSelection } from './selection.ts'

const VIDEOS_PER_PAGE = 48
/** The library shows this many videos that need attention, and a link to the others. */
const MAX_SHOWN_FAULTS = 3

export interface Loaded {
  readonly filters: Filters
  readonly items: readonly ListedVideo[]
  /** Number of videos on all pages. */
  readonly count: NonNullable<VideoPage['count']> | undefined
  readonly state: 'loading' | 'more' | 'end' | 'failed'
  readonly error?: string
}

/** Ids of videos that are deleted, or will be deleted in a few seconds. No view shows them. */
export const hidden = signal<ReadonlySet<string>>(new Set())

/** The videos that are loaded so far. They stay loaded while another view is shown, so Back leads to the same place. */
export const loaded = signal<Loaded>({ filters: NO_FILTERS, items: [], count: undefined, state: 'end' })

/** The newest videos that need attention, above the library without filters. */
export const attention = signal<{ readonly items: readonly Video[]; readonly hasMore: boolean }>({
  items: [],
  hasMore: false,
})

let cursor: string | null = null
let running: AbortController | undefined

/** Starts a list, or refreshes the current one. During a search, the previous results stay visible until the new ones arrive. */
export function load(filters: Filters): Promise<void> {
  const { items, state, filters: before } = loaded.value
  if (sameFilters(before, filters) && items.length > 0 && state !== 'failed') return refreshLoaded()
  running?.abort()
  cursor = null
  clearSelection()
  loaded.value = { filters, items: filters.q && before.q ? items : [], count: undefined, state: 'loading' }
  return loadPage(true)
}

/** Loads the first page again: new videos come to the top, and known ones are updated. Later pages stay as they are. */
export async function refreshLoaded(): Promise<void> {
  const { filters } = loaded.value
  const page = await firstPage(filters).catch(() => undefined)
  if (!page || !sameFilters(loaded.value.filters, filters)) return
  const fresh = new Map(page.items.map(video => [video.id, video]))
  const { items } = loaded.value
  const known = new Set(items.map(({ id }) => id))
  const added = page.items.filter(({ id }) => !known.has(id))
  loaded.value = {
    ...loaded.value,
    items: [...added, ...items.map(each => fresh.get(each.id) ?? each)],
    count: page.count ?? undefined,
  }
}

/** The first page with its count. The videos that need attention are loaded with it, so that they do not move the list later. */
async function firstPage(filters: Filters, signal?: AbortSignal): Promise<VideoPage> {
  const isPlain = !filters.q && !isFiltered(filters)
  const faults = isPlain
    ? listVideos({ ...NEEDS_ATTENTION, limit: String(MAX_SHOWN_FAULTS) }, signal).catch(() => undefined)
    : undefined
  const page = await listVideos(
    { ...parametersOf(filters), limit: String(VIDEOS_PER_PAGE), count: 'true' },
    signal,
  )
  const found = await faults
  if (found && !signal?.aborted) attention.value = { items: found.items, hasMore: found.next_cursor !== null }
  return page
}

/** Loads the next page, unless it is already being loaded or there is no other. */
export async function loadMore(): Promise<void> {
  if (loaded.value.state !== 'more') return
  loaded.value = { ...loaded.value, state: 'loading' }
  await loadPage(false)
}

export function retryLoad(): Promise<void> {
  loaded.value = { ...loaded.value, state: 'loading' }
  return loadPage(cursor === null)
}

async function loadPage(isFirst: boolean): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  running = controller
  const { filters } = loaded.value
  try {
    const page =
      isFirst || !cursor
        ? await firstPage(filters, signal)
        : await listVideos({ ...parametersOf(filters), limit: String(VIDEOS_PER_PAGE), cursor }, signal)
    if (signal.aborted) return
    cursor = page.next_cursor
    // Read after the request, because a video may have been added in the meantime.
    const { items, count } = loaded.value
    const known = new Set(isFirst ? [] : items.map(({ id }) => id))
    const added = page.items.filter(({ id }) => !known.has(id))
    loaded.value = {
      filters,
      items: isFirst ? added : [...items, ...added],
      count: page.count ?? count,
      state: cursor ? 'more' : 'end',
    }
  } catch (error) {
    if (signal.aborted) return
    loaded.value = { ...loaded.value, state: 'failed', error: messageOf(error) }
  }
}

/** Makes the library reload its list when it is shown next. */
export function forgetLoaded(): void {
  loaded.value = { ...loaded.value, items: [] }
}

/** Adds a new video at the top, unless a search or a filter limits the list. */
export function addVideo(video: Video): void {
  const { filters, items } = loaded.value
  if (filters.q || isFiltered(filters) || items.some(({ id }) => id === video.id)) return
  loaded.value = {
    ...loaded.value,
    items: [{ ...video, moments: null, found: null }, ...items],
    count: countPlus(1),
  }
}

/** Updates a video, if it is in a list. */
export function replace(video: Video): void {
  const merged = <V extends Video>(each: V): V => (each.id === video.id ? { ...each, ...video } : each)
  batch(() => {
    if (loaded.value.items.some(({ id }) => id === video.id))
      loaded.value = { ...loaded.value, items: loaded.value.items.map(merged) }
    if (attention.value.items.some(({ id }) => id === video.id))
      attention.value = { ...attention.value, items: attention.value.items.map(merged) }
  })
  // A video that failed was only in that list.
  if (video.status === 'ready' && attention.value.items.some(({ id }) => id === video.id)) addVideo(video)
}

export function remove(id: string): void {
  const items = loaded.value.items.filter(each => each.id !== id)
  const removed = loaded.value.items.length - items.length
  loaded.value = { ...loaded.value, items, count: countPlus(-removed) }
  attention.value = { ...attention.value, items: attention.value.items.filter(each => each.id !== id) }
}

function countPlus(change: number): Loaded['count'] {
  const { count } = loaded.value
  return count && !count.more ? { ...count, videos: Math.max(0, count.videos + change) } : count
}
