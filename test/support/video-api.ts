import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { components } from '../../src/page/api/api-types.d.ts'
import { documentOf } from './api-document.ts'
import { until } from './until.ts'

export type VideoView = components['schemas']['Video']
export type VideoPageView = components['schemas']['VideoList']
export type TranscriptView = components['schemas']['Transcript']

/** @throws Error with the answer where it is not a success, or not as the service's OpenAPI document says. */
export async function getJson<T = VideoView>(url: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(url, init)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${answer.status} ${text}`)
  const { origin } = new URL(url)
  const document = await documentOf(origin)
  document?.check(
    init?.method ?? 'GET',
    new URL(url),
    answer.status,
    answer.headers.get('content-type') ?? '',
    text,
  )
  return JSON.parse(text)
}

/** Processing runs at a low priority, and other tests run beside. */
const PATIENCE = 240_000
/** Each question costs the service and its test as much as a hundredth of the processing. */
const INTERVAL = 250

/** Waits until nothing is left to be done for a video. @param timeout milliseconds, 240,000 where absent. */
export function endedVideo(origin: string, id: string, timeout = PATIENCE): Promise<VideoView> {
  const options = { timeout, interval: INTERVAL }
  return until(async () => {
    const video = await getJson(`${origin}/videos/${id}`)
    const busy = video.steps.some(({ state }) => state === 'pending' || state === 'running')
    return video.status !== 'uploading' && video.status !== 'processing' && !busy && video
  }, options)
}

/** Whether there is a video with this id whose bytes are all there. */
export async function isWholeVideo(origin: string, id: string): Promise<boolean> {
  const answer = await fetch(`${origin}/videos/${id}`)
  return answer.ok && ((await answer.json()) as VideoView).status !== 'uploading'
}

/** Sends a file by `POST /videos`, with its fields before the file. */
export async function postVideo(
  origin: string,
  path: string,
  fields: Readonly<Record<string, string>> = {},
  file: { name?: string; type?: string } = {},
): Promise<VideoView> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  const type = file.type ?? 'video/mp4'
  form.append('video', new Blob([await readFile(path)], { type }), file.name ?? 'clip.mp4')
  return getJson(`${origin}/videos`, { method: 'POST', body: form })
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
