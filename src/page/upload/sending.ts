import {
  checkConnection,
  connectionProblem,
  isUnreachable,
  noteResponse,
  watchConnection,
} from '../api/connection.ts'
import { messageOf, reasonFor, requestJson } from '../api/http.ts'
import { ownUploads, setCancelledUploads, setOwnUploads } from '../api/own-uploads.ts'
import { waitForSignIn } from '../api/session.ts'
import { say } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { forgetFrame } from './first-frame.ts'
import { plan } from './plan.ts'
import { showItem, showItems } from './queue.ts'
import { type Sending, toItem } from './queued-item.ts'
import { SpeedMeter } from './speed-meter.ts'
import { changeMeta, MAX_PARALLEL_UPLOADS, type QueuedFile, restoreQueue, uppy, videoIdOf } from './uppy.ts'
import { followVideos, videoState } from './video-states.ts'

/** A row changes at most this often because of progress. */
const PROGRESS_MS = 250

/** The uploads that this tab has begun and that have not ended. They run or are paused. */
const launched = new Map<string, SpeedMeter>()
/** Files that wait for a sign-in or for a check of the connection. */
const blocked = new Set<string>()
/** Why files have failed. */
const problems = new Map<string, string>()
const shownMs = new Map<string, number>()
/** The titles that the server has told last. */
const seenTitles = new Map<string, string>()

const isComplete = ({ progress }: QueuedFile) => progress.uploadComplete === true

/** Whether the file should be sent as soon as possible. */
const isWanted = (file: QueuedFile) =>
  !isComplete(file) && !file.isGhost && !file.meta.isHeld && !file.meta.isCancelled && !problems.has(file.id)

const sendingOf = ({ id }: QueuedFile): Sending => ({
  meter: launched.get(id),
  problem: problems.get(id),
})

let stopWatching: (() => void) | undefined
let isSettling = false

/** Starts, pauses and resumes uploads so that they fit the state of the files and the connection, and shows the result. */
export function settle(): void {
  if (isSettling) return
  isSettling = true
  watchWhileActive()
  const states = uppy.getFiles().map(file => ({
    id: file.id,
    isWanted: isWanted(file) && !blocked.has(file.id),
    isLaunched: launched.has(file.id),
    isPaused: file.isPaused === true,
  }))
  const { launch, resume, pause } = plan(states, connectionProblem.value ? 0 : MAX_PARALLEL_UPLOADS)
  for (const id of [...pause, ...resume]) {
    launched.get(id)!.reset()
    uppy.pauseResume(id)
  }
  for (const id of launch) start(id)
  isSettling = false
  show()
}

/** Watches the connection while something is to be sent. */
function watchWhileActive(): void {
  const isActive = uppy.getFiles().some(isWanted)
  if (isActive) stopWatching ??= watchConnection(() => {})
  else {
    stopWatching?.()
    stopWatching = undefined
  }
}

function start(id: string): void {
  const file = uppy.getFile(id)
  if (!videoIdOf(file)) {
    changeMeta(id, { sentTitle: file.meta.title })
    seenTitles.set(id, file.meta.title)
  }
  launched.set(id, new SpeedMeter())
  // Also starts a file that has not been tried yet.
  void uppy.retryUpload(id)
}

function show(): void {
  const all = uppy.getFiles()
  for (const file of all) adoptVideo(file)
  const files = uppy.getFiles().filter(({ meta }) => !meta.isCancelled)
  showItems(files.map(file => toItem(file, sendingOf(file))))
  const idsOf = (test: (file: QueuedFile) => boolean) =>
    files.filter(test).flatMap(each => videoIdOf(each) ?? [])
  const isSending = ({ id, isPaused }: QueuedFile) => launched.has(id) && !isPaused
  setOwnUploads(
    'upload',
    idsOf(file => !isComplete(file)),
  )
  setCancelledUploads(all.filter(({ meta }) => meta.isCancelled).flatMap(each => videoIdOf(each) ?? []))
  followVideos(
    {
      sending: idsOf(isSending),
      resting: idsOf(file => !isComplete(file) && !isSending(file)),
      processing: idsOf(file => isComplete(file) && isProcessing(file)),
    },
    () => {
      removeDeleted()
      show()
    },
  )
}

function isProcessing(file: QueuedFile): boolean {
  const state = videoState(videoIdOf(file))
  return !state || (state !== 'deleted' && (state.status === 'uploading' || state.status === 'processing'))
}

/** Removes the rows of videos that someone has deleted. */
function removeDeleted(): void {
  const gone = uppy.getFiles().filter(file => isComplete(file) && videoState(videoIdOf(file)) === 'deleted')
  if (gone.length > 0) uppy.removeFiles(gone.map(({ id }) => id))
}

/** Takes over what has changed elsewhere: a title, unless this tab has an unsaved one, and that the upload of a restored file is complete. */
function adoptVideo(file: QueuedFile): void {
  const state = videoState(videoIdOf(file))
  if (!state || state === 'deleted') return
  if (state.status !== 'uploading' && !isComplete(file) && !launched.has(file.id)) {
    const progress = { ...file.progress, uploadComplete: true as const, complete: true as const }
    uppy.setFileState(file.id, { isGhost: false, progress } as Partial<QueuedFile>)
  }
  const { title, sentTitle } = file.meta
  const isNew = state.title !== (seenTitles.get(file.id) ?? sentTitle)
  seenTitles.set(file.id, state.title)
  if (isNew && title === sentTitle) changeMeta(file.id, { title: state.title, sentTitle: state.title })
}

/** Changes the title. It is sent with the upload, or saved at once if the upload exists. */
export function rename(id: string, title: string): void {
  changeMeta(id, { title })
  show()
  void saveTitle(uppy.getFile(id))
}

async function saveTitle(file: QueuedFile): Promise<void> {
  const videoId = videoIdOf(file)
  const { title, sentTitle } = file.meta
  if (!videoId || title === sentTitle) return
  changeMeta(file.id, { sentTitle: title })
  try {
    await requestJson(`videos/${videoId}`, { method: 'PATCH', json: { title } })
  } catch (error) {
    changeMeta(file.id, { title: sentTitle ?? title, sentTitle: sentTitle ?? title })
    show()
    toast(say('The title “{title}” could not be saved. {reason}', { title, reason: messageOf(error) }), {
      seconds: 10,
    })
  }
}

/** Pauses an upload until the user resumes it. */
export function hold(id: string): void {
  changeMeta(id, { isHeld: true })
  settle()
}

/** Resumes an upload that the user has paused, or tries one again that has failed. */
export function resume(id: string): void {
  changeMeta(id, { isHeld: false })
  problems.delete(id)
  settle()
}

/** Removes the file from the queue. @returns whether Uppy ends its upload on the server */
export function remove(id: string): boolean {
  const isEnded = launched.delete(id)
  problems.delete(id)
  forgetFrame(id)
  if (uppy.getFile(id)) uppy.removeFile(id)
  settle()
  return isEnded
}

/** Removes the rows of complete uploads. Their processing continues on the server. */
export function removeComplete(): void {
  for (const file of uppy.getFiles().filter(isComplete)) remove(file.id)
}

export function add(files: readonly File[]): void {
  uppy.addFiles(files.map(data => ({ name: data.name, type: data.type, data })))
  settle()
}

/** Restores the stored queue. Call it once, before all else. @param onKnown called with the id of a file that is chosen again */
export async function begin(onKnown: (id: string) => void): Promise<void> {
  await restoreQueue(onKnown)
  connectionProblem.subscribe(settle)
}

uppy.on('upload-progress', (file, { bytesUploaded }) => {
  noteResponse()
  const now = performance.now()
  if (!file || !launched.has(file.id)) return
  launched.get(file.id)!.add(Number(bytesUploaded) || 0, now)
  const current = uppy.getFile(file.id)
  if (!current || current.meta.isCancelled) return
  const isCreated = !ownUploads.value.has(videoIdOf(current) ?? '')
  if (isCreated) show()
  if (!isCreated && now - (shownMs.get(file.id) ?? 0) < PROGRESS_MS) return
  shownMs.set(file.id, now)
  void saveTitle(current)
  showItem(toItem(current, sendingOf(current)))
})

uppy.on('upload-success', file => {
  if (!file) return
  launched.delete(file.id)
  const current = uppy.getFile(file.id)
  if (current) void saveTitle(current)
  settle()
})

// Uppy's own message about a failed upload is too technical.
uppy.on('upload-error', (file, error) => {
  if (!file) return
  launched.delete(file.id)
  void afterError(file.id, (error as { originalResponse?: FailedResponse | null }).originalResponse)
})

interface FailedResponse {
  getStatus(): number
  getBody(): string
}

async function afterError(id: string, response: FailedResponse | null | undefined): Promise<void> {
  const status = response?.getStatus() ?? 0
  blocked.add(id)
  settle()
  if (status === 401) await waitForSignIn()
  else if (isUnreachable(status)) {
    await checkConnection()
    if (!connectionProblem.value) problems.set(id, say('The connection was lost too often. Try again.'))
  } else
    problems.set(
      id,
      reasonOf(response!.getBody()) ?? say('The server reported an error ({status}). Try again.', { status }),
    )
  blocked.delete(id)
  settle()
}

function reasonOf(body: string): string | undefined {
  try {
    return reasonFor(JSON.parse(body))
  } catch {
    return undefined
  }
}

addEventListener('beforeunload', event => {
  if (uppy.getFiles().some(isWanted)) event.preventDefault()
})
