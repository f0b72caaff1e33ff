import { connectionProblem } from '../api/connection.ts'
import type { Video } from '../api/types.ts'
import { getVideo, listVideos, progressOf } from '../api/videos.ts'

const POLL_MS = 2000
const MAX_VIDEOS_PER_LIST = 100
/** Up to this number, videos are requested one by one. */
const MAX_SINGLE_REQUESTS = 3

type VideoState = Pick<Video, 'status' | 'title' | 'upload' | 'error'> & {
  readonly progress: number | undefined
}

/** Ids of the videos to follow. */
export interface Followed {
  readonly sending: readonly string[]
  /** Uploads that are not sent at the moment. */
  readonly resting: readonly string[]
  readonly processing: readonly string[]
}

const states = new Map<string, VideoState | 'deleted'>()
let followed: Followed = { sending: [], resting: [], processing: [] }
/** Whether uploads that rest have to be asked for. */
let isRestingNew = false
let timer: number | undefined

/** The last known state of a video; undefined if the server has not reported one. */
export const videoState = (id: string | undefined) => (id === undefined ? undefined : states.get(id))

/** Polls these videos. Event streams would take the connections that the uploads need. @param onChange called after each response */
export function followVideos(next: Followed, onChange: () => void): void {
  isRestingNew ||= next.resting.some(id => !followed.resting.includes(id))
  followed = next
  if (timer !== undefined || !isAnythingToAsk()) return
  timer = window.setTimeout(async () => {
    if (!document.hidden && !connectionProblem.value) await poll().catch(() => {})
    timer = undefined
    // The caller follows again, which starts the next round.
    onChange()
  }, POLL_MS)
}

const isAnythingToAsk = () => followed.sending.length + followed.processing.length > 0 || isRestingNew

async function poll(): Promise<void> {
  const { sending, resting, processing } = followed
  if (sending.length > 0 || isRestingNew) {
    const others = await list({ status: 'uploading' }, [...sending, ...resting])
    // Such an upload is complete, or it was cancelled.
    const unknown = others.filter(id => resting.includes(id) && !states.has(id))
    isRestingNew = unknown.length > MAX_SINGLE_REQUESTS
    await Promise.all(unknown.slice(0, MAX_SINGLE_REQUESTS).map(requestOne))
  }
  const missing =
    processing.length <= MAX_SINGLE_REQUESTS ? processing : await list({ sort: '-created_at' }, processing)
  await Promise.all(missing.slice(0, MAX_SINGLE_REQUESTS).map(requestOne))
}

/** @returns the wanted ids that the list does not have */
async function list(query: Record<string, string>, wanted: readonly string[]): Promise<string[]> {
  const { items } = await listVideos({ ...query, limit: String(MAX_VIDEOS_PER_LIST) })
  for (const video of items) if (wanted.includes(video.id)) note(video)
  return wanted.filter(id => !items.some(video => video.id === id))
}

async function requestOne(id: string): Promise<void> {
  try {
    note((await getVideo(id)).value)
  } catch (error) {
    if ((error as { status?: number }).status === 404) states.set(id, 'deleted')
  }
}

function note(video: Video): void {
  const { id, status, title, upload, error } = video
  states.set(id, { status, title, upload, error, progress: progressOf(video) })
}
