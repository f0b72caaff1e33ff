import { messageOf } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { deleteVideo } from '../api/videos.ts'
import { toast } from '../parts/toasts.tsx'
import { hidden, remove } from './videos-loaded.ts'

/** Seconds in which a deletion can be taken back. */
const GRACE = 7

const pending = new Map<string, { readonly link: string; readonly timer: number }>()

/** Hides a video at once and deletes it a few seconds later, unless that is undone. A page that is left deletes it right then. */
export function deleteSoon({ id, title, links }: Video, onUndo: () => void = () => {}): void {
  hidden.value = new Set([...hidden.value, id])
  const timer = window.setTimeout(() => void deleteNow(id), GRACE * 1000)
  pending.set(id, { link: links.self, timer })
  toast(`“${title}” is deleted.`, {
    seconds: GRACE,
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
  const { link } = pending.get(id)!
  pending.delete(id)
  try {
    await deleteVideo(link)
    remove(id)
  } catch (error) {
    show(id)
    toast(`The video could not be deleted. ${messageOf(error)}`, { seconds: 10 })
  }
}

function show(id: string): void {
  hidden.value = new Set([...hidden.value].filter(each => each !== id))
}

addEventListener('pagehide', () => {
  for (const { link, timer } of pending.values()) {
    clearTimeout(timer)
    void deleteVideo(link, { last: true })
  }
  pending.clear()
})
