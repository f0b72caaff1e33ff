import type { SkipReason, StepErrorCode } from '../../base/step-reasons.ts'
import { request, requestJson } from './http.ts'

export interface Step {
  readonly name: 'probe' | 'playback' | 'poster' | 'audio' | 'transcribe'
  readonly state: 'pending' | 'running' | 'done' | 'skipped' | 'failed'
  /** Percent. */
  readonly progress: number
  readonly reason: SkipReason | 'partial' | null
  readonly error: { readonly code: StepErrorCode; readonly message: string } | null
  readonly finished_at: string | null
}

/** A video, as far as the page looks at it. */
export interface Video {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly status: 'processing' | 'ready' | 'failed'
  readonly error: { readonly code: string; readonly message: string } | null
  readonly incomplete: boolean
  readonly filename: string | null
  readonly content_type: string | null
  readonly language: string | null
  readonly tags: readonly string[]
  readonly size: number
  readonly duration: number | null
  /** Seconds that the file declares, if it ends early. */
  readonly declared_duration: number | null
  readonly width: number | null
  readonly height: number | null
  readonly video_codec: string | null
  readonly audio_codec: string | null
  readonly streams: readonly { readonly kind: string }[]
  readonly chapters: readonly Chapter[]
  readonly steps: readonly Step[]
  /** What its owner should know about the file. */
  readonly notes: readonly { readonly step: string; readonly code: string; readonly message: string }[]
  readonly links: {
    readonly self: string
    readonly stream: string
    readonly source: string
    readonly events: string
    readonly audio: string | null
    readonly peaks: string | null
    readonly poster: string | null
    readonly poster_small: string | null
    readonly transcript: string | null
    readonly captions: string
    readonly captions_vtt: string | null
    readonly captions_srt: string | null
    readonly transcript_txt: string | null
    readonly storyboard: string | null
    readonly storyboard_vtt: string | null
  }
  readonly created_at: string
  /** Where the words of a search are said. */
  readonly moments?: readonly Moment[] | null
}

/** A part of a video that has a name; times are seconds. */
export interface Chapter {
  readonly start: number
  readonly end: number
  readonly title: string
}

/** Captions, or subtitles of the file. */
export interface Captions {
  /** Of the subtitle in the file; null for the transcript's. */
  readonly track: number | null
  readonly language: string | null
  readonly title: string | null
  readonly vtt: string | null
}

export async function listCaptions(link: string): Promise<readonly Captions[]> {
  return (await requestJson<{ items: readonly Captions[] }>(link)).items
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

/** What is told of a transcript beside its text. */
export interface Revision {
  readonly revision: number
  readonly origin: 'machine' | 'person'
  readonly restored_from: number | null
  readonly created_at: string
}

export interface Transcript extends Revision {
  readonly language: string | null
  readonly segments: readonly Segment[]
  readonly partial: boolean
  readonly gaps: readonly { readonly start: number; readonly end: number; readonly message: string }[]
}

/** With what a change is sent back (`If-Match`). */
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
  return requestJson(
    `videos?${new URLSearchParams({ ...query, transcript: 'false' })}`,
    signal ? { signal } : {},
  )
}

export async function getVideo(id: string): Promise<Tagged<Video>> {
  return tagged(await request(`videos/${encodeURIComponent(id)}`))
}

export async function changeVideo(
  video: Video,
  changes: Partial<Pick<Video, 'title' | 'description' | 'tags' | 'language'>>,
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

/** @param step one alone; all that failed or lacked a setting where it is absent. */
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
  return (await requestJson<{ items: readonly Revision[] }>(`${link}/revisions`)).items
}

export function getRevision(link: string, revision: number): Promise<Transcript> {
  return requestJson(`${link}/revisions/${revision}`)
}

/** @param tag of what is there now. */
export async function restoreRevision(
  link: string,
  revision: number,
  tag: string | null,
): Promise<Tagged<Transcript>> {
  const path = `${link}/revisions/${revision}/restore`
  return tagged(await request(path, { method: 'POST', headers: ifMatch(tag) }))
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
