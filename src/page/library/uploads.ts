import { batch, signal } from '@preact/signals'
import type { Video } from '../api/types.ts'
import { listVideos } from '../api/videos.ts'
import { addVideo, refreshLoaded } from './videos-loaded.ts'

const MAX_CARDS = 24

/** The uploads in progress, from all devices, the latest first. */
export const uploads = signal<readonly Video[]>([])
/** Whether there are more uploads than `uploads` contains. */
export const moreUploads = signal(false)
/** Whether the uploads were requested. Before that, the library shows no videos, because uploads above them would move them. */
export const uploadsKnown = signal(false)

/** Loads the uploads in progress. Uploads that have ended leave the list, and finished ones become videos of the library. */
export async function loadUploads(): Promise<void> {
  const page = await listVideos({ status: 'uploading', limit: String(MAX_CARDS) }).catch(() => undefined)
  if (!page) {
    uploadsKnown.value = true
    return
  }
  const hasEnded = uploads.value.some(({ id }) => !page.items.some(item => item.id === id))
  if (hasEnded) await refreshLoaded()
  batch(() => {
    uploads.value = page.items
    moreUploads.value = page.next_cursor !== null
    uploadsKnown.value = true
  })
}

/** Updates an upload in the list. A finished upload becomes a video of the library. */
export function updateUpload(video: Video): void {
  if (!uploads.value.some(({ id }) => id === video.id)) return
  if (video.status === 'uploading')
    uploads.value = uploads.value.map(each => (each.id === video.id ? video : each))
  else
    batch(() => {
      addVideo(video)
      removeUpload(video.id)
    })
}

export function removeUpload(id: string): void {
  uploads.value = uploads.value.filter(each => each.id !== id)
}
