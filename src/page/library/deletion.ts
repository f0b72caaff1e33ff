import { messageOf } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { deleteVideo } from '../api/videos.ts'
import { toast } from '../parts/toasts.tsx'
import { removeUpload } from './uploads.ts'
import { hidden, remove } from './videos-loaded.ts'

/** Time in which a deletion can be undone. */
const GRACE_S = 7
const ERROR_S = 10

const pending = new Map<string, { readonly video: Video; readonly timer: number }>()

/**
 * Hides a video at once and deletes it a few seconds later, unless the person undoes that. Closing the tab deletes it at once. Deleting a
 * video that is being uploaded cancels its upload.
 */
export function deleteSoon(video: Video, onUndo: () => void = () => {}): void {
  const { id, title, status } = video
  hidden.value = new Set([...hidden.value, id])
  const timer = window.setTimeout(() => void deleteNow(id), GRACE_S * 1000)
  pending.set(id, { video, timer })
  toast(status === 'uploading' ? `The upload of “${title}” is cancelled.` : `“${title}” is deleted.`, {
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
    const what =
      video.status === 'uploading' ? 'The upload could not be cancelled.' : 'The video could not be deleted.'
    toast(`${what} ${messageOf(error)}`, { seconds: ERROR_S })
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
