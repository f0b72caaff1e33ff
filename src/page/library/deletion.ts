import { binDays, restoreVideos } from '../api/bin.ts'
import { messageOf } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { deleteVideo, deleteVideos } from '../api/videos.ts'

import { say, sayCount } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { removeUpload } from './uploads.ts'
import { forgetLoaded, hidden, loaded, remove } from './videos-loaded.ts'

/** Time for which a deletion can be undone. */
const GRACE_S = 7
const ERROR_S = 10

/** Videos whose deletion can still be undone. */
const pending = new Set<readonly Video[]>()

/** Moves a video to the bin, like `moveAllToBin`. */
export function moveToBin(video: Video, onUndo?: () => void): Promise<void> {
  return moveAllToBin([video], onUndo)
}

/**
 * Moves videos to the bin at once; Undo restores them. If the server has no bin, or a video is still being uploaded, `deleteSoon` deletes
 * them instead.
 */
export async function moveAllToBin(videos: readonly Video[], onUndo: () => void = () => {}): Promise<void> {
  if (videos.some(({ status }) => status === 'uploading')) return deleteSoon(videos, onUndo)
  const ids = videos.map(({ id }) => id)
  hide(ids)
  try {
    if ((await binDays()) === 0) return deleteSoon(videos, onUndo)
    if (videos.length === 1) await deleteVideo(videos[0]!.links.self, { last: true })
    else await deleteVideos(ids)
  } catch (error) {
    show(ids)
    failed(notDeleted(videos), error)
    return
  }
  const undo = () =>
    restore(ids).then(onUndo, error =>
      failed(
        sayCount(ids.length, 'The video could not be restored.', 'The videos could not be restored.'),
        error,
      ),
    )
  const notice = sayCount(ids.length, '“{title}” moved to the bin.', '{count} videos moved to the bin.', {
    title: videos[0]!.title,
  })
  toast(notice, {
    seconds: GRACE_S,
    action: { label: say('Undo'), run: () => void undo() },
  })
}

/** Restores videos from the bin. @throws Error if some of them were deleted permanently in the meantime; the others are restored */
export async function restore(ids: readonly string[]): Promise<void> {
  const restored = await restoreVideos(ids)
  show(restored)
  if (!restored.every(id => loaded.value.items.some(video => video.id === id))) forgetLoaded()
  const lost = ids.length - restored.length
  if (lost > 0)
    throw new Error(
      ids.length === 1
        ? say('It was deleted permanently.')
        : sayCount(lost, 'One was deleted permanently.', '{count} were deleted permanently.'),
    )
}

/**
 * Hides videos at once and deletes them a few seconds later, unless the user undoes it. If the tab is closed, they are deleted immediately.
 * Deleting a video that is being uploaded cancels the upload.
 */
export function deleteSoon(videos: readonly Video[], onUndo: () => void = () => {}): void {
  const ids = videos.map(({ id }) => id)
  hide(ids)
  pending.add(videos)
  const { title } = videos[0]!
  const notice = isUploading(videos)
    ? sayCount(ids.length, 'Upload of “{title}” cancelled.', '{count} uploads cancelled.', { title })
    : sayCount(ids.length, '“{title}” deleted.', '{count} videos deleted.', { title })
  toast(notice, {
    seconds: GRACE_S,
    action: {
      label: say('Undo'),
      run: () => {
        pending.delete(videos)
        show(ids)
        onUndo()
      },
    },
    onEnd: () => void deleteNow(videos),
  })
}

async function deleteNow(videos: readonly Video[]): Promise<void> {
  pending.delete(videos)
  const ids = videos.map(({ id }) => id)
  try {
    if (videos.length === 1) await deleteVideo(videos[0]!.links.self)
    else await deleteVideos(ids)
    for (const id of ids) {
      remove(id)
      removeUpload(id)
    }
  } catch (error) {
    show(ids)
    const failure = isUploading(videos) ? say('The upload could not be cancelled.') : notDeleted(videos)
    failed(failure, error)
  }
}

const isUploading = (videos: readonly Video[]) => videos.every(({ status }) => status === 'uploading')
const notDeleted = ({ length }: readonly Video[]) =>
  sayCount(length, 'The video could not be deleted.', 'The videos could not be deleted.')

function failed(what: string, error: unknown): void {
  toast(`${what} ${messageOf(error)}`, { seconds: ERROR_S })
}

function hide(ids: readonly string[]): void {
  hidden.value = new Set([...hidden.value, ...ids])
}

function show(ids: readonly string[]): void {
  hidden.value = new Set([...hidden.value].filter(each => !ids.includes(each)))
}

addEventListener('pagehide', () => {
  for (const videos of pending) {
    if (videos.length === 1) void deleteVideo(videos[0]!.links.self, { last: true })
    else
      void deleteVideos(
        videos.map(({ id }) => id),
        { last: true },
      )
  }
  pending.clear()
})
