import { signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import type { ListedVideo, Video } from '../api/types.ts'
import { listVideos } from '../api/videos.ts'

const VIDEOS_PER_PAGE = 48

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

/** Ids of videos that are deleted, or will be deleted in a few seconds. No view shows them. */
export const hidden = signal<ReadonlySet<string>>(new Set())

/** The videos of a query that are loaded so far. They stay loaded while another view is shown, so Back leads to the same place. */
export const loaded = signal<Loaded>({
  query: { q: '', tag: '', sort: '-created_at' },
  items: [],
  state: 'end',
})

let cursor: string | null = null
let running: AbortController | undefined

/** Starts a query, or refreshes the current one. During a search, the previous results stay visible until the new ones arrive. */
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
  const page = await listVideos(parametersOf(query)).catch(() => undefined)
  if (!page || !sameQuery(loaded.value.query, query)) return
  const fresh = new Map(page.items.map(video => [video.id, video]))
  const { items } = loaded.value
  const known = new Set(items.map(({ id }) => id))
  const added = page.items.filter(({ id }) => !known.has(id))
  loaded.value = { ...loaded.value, items: [...added, ...items.map(each => fresh.get(each.id) ?? each)] }
}

const sameQuery = (one: Query, other: Query) =>
  one.q === other.q && one.tag === other.tag && one.sort === other.sort
const parametersOf = ({ q, tag, sort }: Query) => ({
  limit: String(VIDEOS_PER_PAGE),
  ...(tag && { tag }),
  ...(q ? { q } : { sort }),
})

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
  running = controller
  const { query } = loaded.value
  const parameters = { ...parametersOf(query), ...(!isFirst && cursor && { cursor }) }
  try {
    const page = await listVideos(parameters, controller.signal)
    if (controller.signal.aborted) return
    cursor = page.next_cursor
    // Read after the request, because a video may have been added in the meantime.
    const { items } = loaded.value
    const known = new Set(isFirst ? [] : items.map(({ id }) => id))
    const added = page.items.filter(({ id }) => !known.has(id))
    loaded.value = { query, items: isFirst ? added : [...items, ...added], state: cursor ? 'more' : 'end' }
  } catch (error) {
    if (controller.signal.aborted) return
    loaded.value = { ...loaded.value, state: 'failed', error: messageOf(error) }
  }
}

/** Makes the library reload its list when it is shown next. */
export function forgetLoaded(): void {
  loaded.value = { ...loaded.value, items: [] }
}

/** Adds a new video at the top, unless a search or a tag limits the list. */
export function addVideo(video: Video): void {
  const { query, items } = loaded.value
  if (query.q || query.tag || items.some(({ id }) => id === video.id)) return
  loaded.value = { ...loaded.value, items: [{ ...video, moments: null }, ...items] }
}

/** Updates a video, if it is in the list. */
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
