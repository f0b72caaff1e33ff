import { signal } from '@preact/signals'
import { follow } from '../api/events.ts'
import { messageOf } from '../api/http.ts'
import type { ListedVideo, Video } from '../api/types.ts'
import { isBusy, listVideos } from '../api/videos.ts'

const PAGE = 48
/** Browsers keep six connections to one server, over all tabs: most of them have to stay free for what people do. */
const STREAMS = 2
/** Milliseconds between looks at the videos in work that no stream tells about. */
const POLL = 4000

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

/** Ids that are deleted, or about to be: they are shown nowhere. */
export const hidden = signal<ReadonlySet<string>>(new Set())

/** The videos that a query has given so far. It outlives the view, so that Back leads to the same place. */
export const loaded = signal<Loaded>({
  query: { q: '', tag: '', sort: '-created_at' },
  items: [],
  state: 'end',
})

let cursor: string | null = null
let running: AbortController | undefined

/** Begins a query, or brings what it has given up to date. What was there stays to be seen until the first answer comes. */
export function load(query: Query): Promise<void> {
  const { items, state } = loaded.value
  if (sameQuery(loaded.value.query, query) && items.length > 0 && state !== 'failed') return refresh(query)
  running?.abort()
  cursor = null
  loaded.value = { query, items: query.q ? items : [], state: 'loading' }
  return loadPage(true)
}

/** What is new at the top, and changed there. Pages further down stay as they are: one may be reading there. */
async function refresh(query: Query): Promise<void> {
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
  limit: String(PAGE),
  ...(tag && { tag }),
  ...(q ? { q } : { sort }),
})

/** Asks for the next page, unless that is under way or there is none. */
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
  const { query, items } = loaded.value
  const asked = { ...askFor(query), ...(!anew && cursor && { cursor }) }
  try {
    const page = await listVideos(asked, controller.signal)
    if (controller.signal.aborted) return
    cursor = page.next_cursor
    const known = new Set(anew ? [] : items.map(({ id }) => id))
    const added = page.items.filter(({ id }) => !known.has(id))
    loaded.value = { query, items: anew ? added : [...items, ...added], state: cursor ? 'more' : 'end' }
  } catch (error) {
    if (controller.signal.aborted) return
    loaded.value = { ...loaded.value, state: 'failed', error: messageOf(error) }
  }
}

/** Puts a newer state of a video in its place. */
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

/**
 * Keeps the videos in work up to date while the library is shown: the first of them by their event streams, the others by asking.
 * @returns stops it.
 */
export function watchWork(): () => void {
  const streams = new Map<string, () => void>()
  const adjust = () => {
    const busy = document.hidden ? [] : loaded.value.items.filter(isBusy)
    const wanted = new Set(busy.filter(({ id }) => streams.has(id)).map(({ id }) => id))
    for (const { id } of busy) if (wanted.size < STREAMS) wanted.add(id)
    for (const [id, stop] of streams) {
      if (wanted.has(id)) continue
      stop()
      streams.delete(id)
    }
    for (const video of busy) {
      if (!wanted.has(video.id) || streams.has(video.id)) continue
      streams.set(
        video.id,
        follow(video.links.events, (name, data) => {
          if (name === 'video') replace(JSON.parse(data))
          if (name === 'deleted') remove(video.id)
        }),
      )
    }
  }
  const stopAdjusting = loaded.subscribe(adjust)
  document.addEventListener('visibilitychange', adjust)
  const timer = setInterval(async () => {
    const unseen = loaded.value.items.filter(each => isBusy(each) && !streams.has(each.id))
    if (document.hidden || unseen.length === 0) return
    const page = await listVideos({ limit: '100', sort: '-created_at' }).catch(() => undefined)
    for (const video of page?.items ?? []) if (unseen.some(({ id }) => id === video.id)) replace(video)
  }, POLL)
  return () => {
    stopAdjusting()
    document.removeEventListener('visibilitychange', adjust)
    clearInterval(timer)
    for (const stop of streams.values()) stop()
  }
}
