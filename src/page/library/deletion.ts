import { binDays, restoreVideo } from '../api/bin.ts'
import { messageOf } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { deleteVideo } from '../api/videos.ts'
import { toast } from '../parts/toasts.tsx'
import { removeUpload } from './uploads.ts'
import { forgetLoaded, hidden, loaded, remove } from './videos-loaded.ts'

/** Time for which a deletion can be undone. */
const GRACE_S = 7
const ERROR_S = 10

const pending = new Map<string, { readonly video: Video; readonly timer: number }>()

/**
 * Moves a video to the bin at once; Undo restores it. If the server has no bin, or the video is still being uploaded, `deleteSoon` deletes it
 * instead.
 */
export async function moveToBin(video: Video, onUndo: () => void = () => {}): Promise<void> {
  const { id, title, status } = video
  if (status === 'uploading') return deleteSoon(video, onUndo)
  hidden.value = new Set([...hidden.value, id])
  try {
    if ((await binDays()) === 0) return deleteSoon(video, onUndo)
    await deleteVideo(video.links.self, { last: true })
  } catch (error) {
    show(id)
    toast(`The video could not be deleted. ${messageOf(error)}`, { seconds: ERROR_S })
    return
  }
  const undo = () =>
    restore(id).then(onUndo, error =>
      toast(`The video could not be restored. ${messageOf(error)}`, { seconds: ERROR_S }),
    )
  toast(`“${title}” moved to the bin.`, {
    seconds: GRACE_S,
    action: { label: 'Undo', run: () => void undo() },
  })
}

/** Restores a video from the bin. */
export async function restore(id: string): Promise<void> {
  await restoreVideo(id)
  show(id)
  if (!loaded.value.items.some(video => video.id === id)) forgetLoaded()
}

/**
 * Hides a video at once and deletes it a few seconds later, unless the user undoes it. If the tab is closed, the video is deleted immediately.
 * Deleting a video that is being uploaded cancels the upload.
 */
export function deleteSoon(video: Video, onUndo: () => void = () => {}): void {
  const { id, title, status } = video
  hidden.value = new Set([...hidden.value, id])
  const timer = window.setTimeout(() => void deleteNow(id), GRACE_S * 1000)
  pending.set(id, { video, timer })
  toast(status === 'uploading' ? `Upload of “${title}” cancelled.` : `“${title}” deleted.`, {
    seconds: GRACE_S,
    action: {
      label: 'Undo',
      run: () => {
        clearTimeout(timer)
        if (pending.delete(id)) show(id)
        onUndo()
      },
    },
  })
}

async function deleteNow(id: string): Promise<void> {
  const { video } = pending.get(id)!
  pending.delete(id)
  try {
    await deleteVideo(video.links.self)
    remove(id)
    removeUpload(id)
  } catch (error) {
    show(id)
    const failure =
      video.status === 'uploading' ? 'The upload could not be cancelled.' : 'The video could not be deleted.'
    toast(`${failure} ${messageOf(error)}`, { seconds: ERROR_S })
  }
}

function show(id: string): void {
  hidden.value = new Set([...hidden.value].filter(each => each !== id))
}

addEventListener('pagehide', () => {
  for (const { video, timer } of pending.values()) {
    clearTimeout(timer)
    void deleteVideo(video.links.self, { last: true })
  }
  pending.clear()
})
