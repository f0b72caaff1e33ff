import { deleteVideo } from '../api/videos.ts'
import { say } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { remove, resume, settle } from './sending.ts'
import { changeMeta, type QueuedFile, uppy, videoIdOf } from './uppy.ts'

/** Time for which cancelling can be undone. */
const GRACE_S = 7

/** The cancelled files that can still come back, with a function that removes the message about it. */
const pending = new Map<string, () => void>()

/** Hides a file at once and cancels its upload a few seconds later, unless the user undoes it. */
export function cancel(id: string, onUndo: () => void): void {
  const { title } = uppy.getFile(id).meta
  changeMeta(id, { isCancelled: true })
  settle()
  const removeMessage = toast(say('Upload of “{title}” cancelled.', { title }), {
    seconds: GRACE_S,
    action: {
      label: say('Undo'),
      run: () => {
        undo(id)
        onUndo()
      },
    },
    onEnd: () => finish(id),
  })
  pending.set(id, removeMessage)
}

function undo(id: string): void {
  if (!uppy.getFile(id)?.meta.isCancelled) return
  pending.get(id)?.()
  pending.delete(id)
  changeMeta(id, { isCancelled: false })
  settle()
}

function finish(id: string): void {
  const file = uppy.getFile(id)
  pending.delete(id)
  if (!file) return
  const isEnded = remove(id)
  if (!isEnded) deleteUpload(file)
}

/** Deletes what the server has of a file. If this fails, the upload expires there. */
function deleteUpload(file: QueuedFile, last = false): void {
  const videoId = videoIdOf(file)
  if (videoId) void deleteVideo(`videos/${videoId}`, { last }).catch(() => {})
}

/** Finishes what an earlier tab could not: the user had cancelled these uploads. */
export function finishCancelled(): void {
  for (const { id, meta } of uppy.getFiles()) if (meta.isCancelled) finish(id)
}

/** The user has chosen a file that is in the queue already. */
export function chooseKnown(id: string): void {
  const { meta } = uppy.getFile(id)
  if (meta.isCancelled) undo(id)
  else if (uppy.getFile(id).error || meta.isHeld) resume(id)
  else toast(say('“{title}” is already being uploaded.', { title: meta.title }))
}

addEventListener('pagehide', () => {
  for (const id of pending.keys()) deleteUpload(uppy.getFile(id), true)
})
