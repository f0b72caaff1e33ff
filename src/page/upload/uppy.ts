import Uppy, { type UppyFile } from '@uppy/core'
import GoldenRetriever from '@uppy/golden-retriever'
import Tus from '@uppy/tus'
import { checkConnection, isUnreachable } from '../api/connection.ts'
import { address } from '../router.ts'
import { titleOf } from './accepted-files.ts'
import { ownsStoredQueue, QUEUE, storedFiles } from './stored-queue.ts'

/** Proxies limit the size of a request. */
const CHUNK_BYTES = 64 * 1024 * 1024

/** Waits between attempts while the server responds with errors. While it is unreachable, the upload waits for the connection instead. */
const RETRIES_MS = [0, 1000, 2000, 3000, 5000, 5000, 10_000, 10_000, 20_000, 30_000, 60_000, 60_000, 120_000]

const KEPT_MS = 7 * 24 * 60 * 60 * 1000

export const MAX_PARALLEL_UPLOADS = 3

/** Stored with the file, so that a reload of the tab keeps it. */
type Meta = {
  title: string
  /** The title that the server has. */
  sentTitle?: string
  /** Whether the user has paused the upload. */
  isHeld?: boolean
  /** Whether the user has cancelled the upload, and can still undo it. */
  isCancelled?: boolean
}
type Body = Record<string, never>
export type QueuedFile = UppyFile<Meta, Body>

/** Called for a file that is already in the queue. */
let onKnown: (id: string) => void = () => {}

export const uppy = new Uppy<Meta, Body>({
  id: QUEUE,
  locale: { strings: {}, pluralize: count => (count === 1 ? 0 : 1) },
  onBeforeFileAdded(file, files) {
    const known = files[file.id]
    if (known && !known.isGhost && !known.progress.uploadComplete) {
      queueMicrotask(() => onKnown(file.id))
      return false
    }
    return { ...file, meta: { ...file.meta, title: file.meta.title ?? titleOf(file.name ?? '') } }
  },
}).use(Tus, {
  endpoint: address('uploads'),
  chunkSize: CHUNK_BYTES,
  retryDelays: RETRIES_MS,
  limit: MAX_PARALLEL_UPLOADS,
  allowedMetaFields: ['name', 'type', 'title'],
  removeFingerprintOnSuccess: true,
  onShouldRetry(error, _attempt, _options, next) {
    if (isUnreachable(error.originalResponse?.getStatus() || 0)) void checkConnection()
    return next(error)
  },
})

/**
 * Restores the queue that the browser has stored, and stores it from now on.
 * @param whenKnown called with the id of a file that is chosen again
 */
export async function restoreQueue(whenKnown: (id: string) => void): Promise<void> {
  onKnown = whenKnown
  if (!(await ownsStoredQueue())) return
  const isStored = (await storedFiles()) !== undefined
  const restored = new Promise<void>(resolve => uppy.once('restored', () => resolve()))
  uppy.use(GoldenRetriever, { expires: KEPT_MS })
  // The stored queue replaces all files, also those that were added in the meantime.
  if (isStored) await restored
  uppy.setState({ currentUploads: {}, recoveredState: null })
}

export function changeMeta(id: string, changes: Partial<Meta>): void {
  const file = uppy.getFile(id)
  if (file) uppy.setFileMeta(id, { ...file.meta, ...changes })
}

/** The id of a file's upload, and of its video; undefined until the server has created it. */
export function videoIdOf({ tus, uploadURL }: QueuedFile): string | undefined {
  return (uploadURL ?? tus?.uploadUrl)?.split('/').at(-1)
}
