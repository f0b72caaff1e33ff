import { request, requestJson } from './http.ts'

export interface Step {
  readonly name: string
  readonly state: 'pending' | 'running' | 'done' | 'skipped' | 'failed'
  /** Percent. */
  readonly progress: number
  readonly reason: string | null
  readonly error: { readonly code: string; readonly message: string } | null
}

/** A video, as far as the page looks at it. Links that a server does not offer are absent. */
export interface Video {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly status: 'processing' | 'ready' | 'failed'
  readonly error: { readonly code: string; readonly message: string } | null
  readonly incomplete?: boolean
  readonly filename: string | null
  readonly content_type: string | null
  readonly language: string | null
  readonly size: number
  readonly duration: number | null
  readonly width: number | null
  readonly height: number | null
  readonly video_codec: string | null
  readonly audio_codec: string | null
  readonly steps: readonly Step[]
  readonly links: {
    readonly self: string
    readonly stream: string
    readonly source: string
    readonly events: string
    readonly audio: string | null
    readonly poster: string | null
    readonly transcript: string | null
    readonly captions_vtt: string | null
    readonly captions_srt: string | null
    readonly transcript_txt?: string | null
    readonly storyboard_vtt?: string | null
  }
  readonly created_at: string
  /** Where the words of a search are said. */
  readonly moments?: readonly Moment[] | null
}

export interface Moment {
  /** Seconds. */
  readonly start: number
  readonly snippet: readonly { readonly text: string; readonly hit: boolean }[]
}

export interface Segment {
  /** Seconds. */
  readonly start: number
  /** Seconds. */
  readonly end: number
  readonly text: string
  readonly speaker?: string
}

export interface Transcript {
  readonly revision: number
  readonly language: string | null
  readonly segments: readonly Segment[]
  readonly partial?: boolean
  readonly gaps?: readonly { readonly start: number; readonly end: number; readonly message: string }[]
}

/** With what a change is sent back (`If-Match`), where the server says it. */
export interface Tagged<T> {
  readonly value: T
  readonly tag: string | null
}

export interface VideoPage {
  readonly items: readonly Video[]
  readonly next_cursor: string | null
}

export function listVideos(
  query: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<VideoPage> {
  return requestJson(`videos?${new URLSearchParams(query)}`, signal ? { signal } : {})
}

export async function getVideo(id: string): Promise<Tagged<Video>> {
  return tagged(await request(`videos/${encodeURIComponent(id)}`))
}

export async function changeVideo(
  video: Video,
  changes: { title?: string; description?: string },
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

/** @param last whether the page is being left: the request outlives it. */
export async function deleteVideo(link: string, { last = false } = {}): Promise<void> {
  await request(link, { method: 'DELETE', keepalive: last })
}

export function retryVideo(video: Video): Promise<Video> {
  return requestJson(`${video.links.self}/retry`, { method: 'POST' })
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

/** Percent of all the work on a video; undefined where none is going on. */
export function progressOf({ steps }: Video): number | undefined {
  const busy = steps.some(({ state }) => state === 'pending' || state === 'running')
  if (!busy) return undefined
  const done = steps.map(({ state, progress }) =>
    state === 'pending' ? 0 : state === 'running' ? progress : 100,
  )
  return done.reduce((sum, each) => sum + each, 0) / Math.max(1, steps.length)
}

function ifMatch(tag: string | null): Record<string, string> {
  return tag ? { 'If-Match': tag } : {}
}

async function tagged<T>(answer: Response): Promise<Tagged<T>> {
  return { value: await answer.json(), tag: answer.headers.get('etag') }
}
