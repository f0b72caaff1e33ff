import type { components } from './api-types.d.ts'
import { request, requestJson } from './http.ts'
import type {
  Captions,
  Revision,
  Segment,
  Tagged,
  Transcript,
  Video,
  VideoChanges,
  VideoPage,
} from './types.ts'

type Lists = Pick<components['schemas'], 'CaptionsList' | 'RevisionList' | 'TagList'>

/** Maximum number of videos in one request. */
const MAX_BULK_VIDEOS = 100

/** Captions of the transcript, and subtitles in the file. */
export async function listCaptions(link: string): Promise<readonly Captions[]> {
  return (await requestJson<Lists['CaptionsList']>(link)).items
}

export function listVideos(
  query: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<VideoPage> {
  return requestJson(
    `videos?${new URLSearchParams({ ...query, transcript: 'false' })}`,
    signal ? { signal } : {},
  )
}

/** Tags of the newest videos, the most frequent first. */
export async function listTags(): Promise<string[]> {
  return (await requestJson<Lists['TagList']>('videos/tags')).items.map(({ tag }) => tag)
}

export async function getVideo(id: string): Promise<Tagged<Video>> {
  return tagged(await request(`videos/${encodeURIComponent(id)}`))
}

export async function changeVideo(
  video: Video,
  changes: VideoChanges,
  tag: string | null,
): Promise<Tagged<Video>> {
  return tagged(
    await request(video.links.self, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', ...ifMatch(tag) },
      body: JSON.stringify(changes),
    }),
  )
}

/** @param last whether the tab may close now. The browser then still sends the request. */
export async function deleteVideo(link: string, { last = false } = {}): Promise<void> {
  await request(link, { method: 'DELETE', keepalive: last })
}

/** Moves videos to the bin, or deletes them if the server has no bin. @param last as for `deleteVideo` */
export async function deleteVideos(ids: readonly string[], { last = false } = {}): Promise<void> {
  for (const some of inBatches(ids))
    await requestJson('videos', { method: 'DELETE', json: { ids: some }, keepalive: last })
}

/** Divides ids into as many requests as needed. */
export function inBatches(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / MAX_BULK_VIDEOS) }, (_, at) =>
    ids.slice(at * MAX_BULK_VIDEOS, (at + 1) * MAX_BULK_VIDEOS),
  )
}

/** @param step the only step to run again; without it, all steps that failed or lacked a setting. */
export function retryVideo(video: Video, step?: string): Promise<Video> {
  return requestJson(`${video.links.self}/retry${step ? `?step=${step}` : ''}`, { method: 'POST' })
}

export async function getTranscript(link: string): Promise<Tagged<Transcript>> {
  return tagged(await request(link, { cache: 'no-cache' }))
}

export async function putTranscript(
  link: string,
  segments: readonly Segment[],
  tag: string,
): Promise<Tagged<Transcript>> {
  return tagged(
    await request(link, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...ifMatch(tag) },
      body: JSON.stringify({ segments }),
    }),
  )
}

export async function listRevisions(link: string): Promise<readonly Revision[]> {
  return (await requestJson<Lists['RevisionList']>(`${link}/revisions`)).items
}

export function getRevision(link: string, revision: number): Promise<Transcript> {
  return requestJson(`${link}/revisions/${revision}`)
}

/** @param tag of the current revision. */
export async function restoreRevision(
  link: string,
  revision: number,
  tag: string | null,
): Promise<Tagged<Transcript>> {
  const path = `${link}/revisions/${revision}/restore`
  return tagged(await request(path, { method: 'POST', headers: ifMatch(tag) }))
}

/** Whether a step waits or runs. */
export function isBusy({ steps }: Pick<Video, 'steps'>): boolean {
  return steps.some(({ state }) => state === 'pending' || state === 'running')
}

/** Progress of all steps together, in percent; undefined if no step waits or runs. */
export function progressOf(video: Pick<Video, 'steps'>): number | undefined {
  if (!isBusy(video)) return undefined
  const { steps } = video
  const done = steps.map(({ state, progress }) =>
    state === 'pending' ? 0 : state === 'running' ? progress : 100,
  )
  return done.reduce((sum, each) => sum + each, 0) / Math.max(1, steps.length)
}

function ifMatch(tag: string | null): Record<string, string> {
  return tag ? { 'If-Match': tag } : {}
}

async function tagged<T>(response: Response): Promise<Tagged<T>> {
  return { value: await response.json(), tag: response.headers.get('etag') }
}
