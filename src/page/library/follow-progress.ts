import { effect } from '@preact/signals'
import { follow } from '../api/events.ts'
import type { Video } from '../api/types.ts'
import { isBusy, listVideos } from '../api/videos.ts'
import { onOwnUploads } from './on-own-uploads.ts'
import { loadUploads, removeUpload, updateUpload, uploads } from './uploads.ts'
import { attention, loaded, refreshLoaded, remove, replace } from './videos-loaded.ts'

/** Browsers open at most six connections to one server, for all tabs together. Most must stay free for other requests. */
const MAX_STREAMS = 2
const POLL_INTERVAL_MS = 4000
/** Uploads from other devices appear at the latest after this time. */
const DISCOVERY_INTERVAL_MS = 12_000

/**
 * Keeps uploads and videos in processing up to date while the library is shown and the tab is visible: the first few by event streams, the
 * others by polling.
 * @returns a function that stops it
 */
export function followProgress(): () => void {
  const streams = new Map<string, () => void>()
  let listedMs = 0
  let isPolling = false
  const list = () => {
    listedMs = performance.now()
    return loadUploads()
  }
  const adjust = () => {
    const active = document.hidden ? [] : [...uploads.value, ...listed().filter(isBusy)]
    const wanted = new Set(active.filter(({ id }) => streams.has(id)).map(({ id }) => id))
    for (const { id } of active) if (wanted.size < MAX_STREAMS) wanted.add(id)
    for (const [id, stop] of streams) {
      if (wanted.has(id)) continue
      stop()
      streams.delete(id)
    }
    for (const video of active)
      if (wanted.has(video.id) && !streams.has(video.id)) streams.set(video.id, followVideo(video))
  }
  const onVisible = () => {
    adjust()
    if (!document.hidden) void list()
  }
  const poll = async () => {
    // A request can wait for a sign-in; further ones would pile up.
    if (document.hidden || isPolling) return
    isPolling = true
    const unfollowed = uploads.value.some(({ id }) => !streams.has(id))
    if (unfollowed || performance.now() - listedMs > DISCOVERY_INTERVAL_MS) await list()
    await pollVideos(listed().filter(each => isBusy(each) && !streams.has(each.id)))
    isPolling = false
  }
  const stopAdjusting = effect(adjust)
  const stopOwnUploads = onOwnUploads(() => void list().then(refreshLoaded))
  document.addEventListener('visibilitychange', onVisible)
  const timer = setInterval(() => void poll(), POLL_INTERVAL_MS)
  void list()
  return () => {
    stopAdjusting()
    stopOwnUploads()
    document.removeEventListener('visibilitychange', onVisible)
    clearInterval(timer)
    for (const stop of streams.values()) stop()
  }
}

const listed = () => [...attention.value.items, ...loaded.value.items]

function followVideo({ id, links }: Video): () => void {
  return follow(links.events, (name, data) => {
    if (name === 'video') {
      const video = JSON.parse(data) as Video
      updateUpload(video)
      replace(video)
    }
    if (name === 'deleted') {
      removeUpload(id)
      remove(id)
    }
  })
}

async function pollVideos(unfollowed: readonly Video[]): Promise<void> {
  if (unfollowed.length === 0) return
  const page = await listVideos({ limit: '100', sort: '-created_at' }).catch(() => undefined)
  for (const video of page?.items ?? []) if (unfollowed.some(({ id }) => id === video.id)) replace(video)
}
