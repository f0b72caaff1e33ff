import { signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import type { ListedVideo, Video } from '../api/types.ts'
import { listVideos } from '../api/videos.ts'

const PAGE_VIDEOS = 48

export interface Query {
  readonly q: string
  /** Blank for all. */
  readonly tag: string
  readonly sort: string
}

export interface Loaded {
  readonly query: Query
  readonly items: readonly ListedVideo[]
  readonly state: 'loading' | 'more' | 'end' | 'failed'
  readonly error?: string
}

/** Ids of videos that are deleted, or will be in a few seconds. No view shows them. */
export const hidden = signal<ReadonlySet<string>>(new Set())

/** The videos that a query has found so far. They outlive the view, so that Back leads to the same place. */
export const loaded = signal<Loaded>({
  query: { q: '', tag: '', sort: '-created_at' },
  items: [],
  state: 'end',
})

let cursor: string | null = null
let running: AbortController | undefined

/** Starts a query, or updates its videos if it is the current one. The videos of the query before stay visible until the first answer. */
export function load(query: Query): Promise<void> {
  const { items, state } = loaded.value
  if (sameQuery(loaded.value.query, query) && items.length > 0 && state !== 'failed') return refreshLoaded()
  running?.abort()
  cursor = null
  loaded.value = { query, items: query.q ? items : [], state: 'loading' }
  return loadPage(true)
}

/** Loads the first page again: new videos come to the top, and known ones are updated. Later pages stay as they are. */
export async function refreshLoaded(): Promise<void> {
  const { query } = loaded.value
  const page = await listVideos(askFor(query)).catch(() => undefined)
  if (!page || !sameQuery(loaded.value.query, query)) return
  const fresh = new Map(page.items.map(video => [video.id, video]))
  const { items } = loaded.value
  const known = new Set(items.map(({ id }) => id))
  const added = page.items.filter(({ id }) => !known.has(id))
  loaded.value = { ...loaded.value, items: [...added, ...items.map(each => fresh.get(each.id) ?? each)] }
}

const sameQuery = (one: Query, other: Query) =>
  one.q === other.q && one.tag === other.tag && one.sort === other.sort
const askFor = ({ q, tag, sort }: Query) => ({
  limit: String(PAGE_VIDEOS),
  ...(tag && { tag }),
  ...(q ? { q } : { sort }),
})

/** Loads the next page, unless it is being loaded or there is none. */
export async function loadMore(): Promise<void> {
  if (loaded.value.state !== 'more') return
  loaded.value = { ...loaded.value, state: 'loading' }
  await loadPage(false)
}

export function retryLoad(): Promise<void> {
  loaded.value = { ...loaded.value, state: 'loading' }
  return loadPage(cursor === null)
}

async function loadPage(anew: boolean): Promise<void> {
  const controller = new AbortController()
  running = controller
  const { query } = loaded.value
  const asked = { ...askFor(query), ...(!anew && cursor && { cursor }) }
  try {
    const page = await listVideos(asked, controller.signal)
    if (controller.signal.aborted) return
    cursor = page.next_cursor
    // Not as they were before the request: a video may have been added meanwhile.
    const { items } = loaded.value
    const known = new Set(anew ? [] : items.map(({ id }) => id))
    const added = page.items.filter(({ id }) => !known.has(id))
    loaded.value = { query, items: anew ? added : [...items, ...added], state: cursor ? 'more' : 'end' }
  } catch (error) {
    if (controller.signal.aborted) return
    loaded.value = { ...loaded.value, state: 'failed', error: messageOf(error) }
  }
}

/** Makes the library load its list anew when it is shown next. */
export function forgetLoaded(): void {
  loaded.value = { ...loaded.value, items: [] }
}

/** Adds a new video at the top, unless the query selects some videos only. */
export function addVideo(video: Video): void {
  const { query, items } = loaded.value
  if (query.q || query.tag || items.some(({ id }) => id === video.id)) return
  loaded.value = { ...loaded.value, items: [{ ...video, moments: null }, ...items] }
}

/** Takes a newer state of a video that is in the list. */
export function replace(video: Video): void {
  const { items } = loaded.value
  if (items.some(({ id }) => id === video.id))
    loaded.value = {
      ...loaded.value,
      items: items.map(each => (each.id === video.id ? { ...each, ...video } : each)),
    }
}

export function remove(id: string): void {
  loaded.value = { ...loaded.value, items: loaded.value.items.filter(each => each.id !== id) }
}
