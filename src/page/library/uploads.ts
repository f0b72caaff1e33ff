import { batch, signal } from '@preact/signals'
import type { Video } from '../api/types.ts'
import { listVideos } from '../api/videos.ts'
import { addVideo, refreshLoaded } from './videos-loaded.ts'

const MAX_CARDS = 24

/** The uploads that the server is receiving, from any device, the latest first. */
export const uploads = signal<readonly Video[]>([])
/** Whether there are more than `uploads` holds. */
export const moreUploads = signal(false)

/** Asks for the uploads in progress. Those that are over leave the list; the finished ones become videos of the library. */
export async function loadUploads(): Promise<void> {
  const page = await listVideos({ status: 'uploading', limit: String(MAX_CARDS) }).catch(() => undefined)
  if (!page) return
  const isOver = uploads.value.some(({ id }) => !page.items.some(item => item.id === id))
  if (isOver) await refreshLoaded()
  batch(() => {
    uploads.value = page.items
    moreUploads.value = page.next_cursor !== null
  })
}

/** Takes a newer state of an upload. One that is complete becomes a video of the library. */
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
