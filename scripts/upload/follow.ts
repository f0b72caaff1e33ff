import { setTimeout as pause } from 'node:timers/promises'
import type { components } from '../../src/page/api/api-types.d.ts'
import { parseEvents } from '../../src/page/api/event-stream.ts'
import { CREDENTIAL } from '../command-line/credential.ts'
import { networkReason, refusal, UserError } from '../command-line/user-error.ts'

export type Video = components['schemas']['Video']
export type Step = components['schemas']['Step']

export interface FollowOptions {
  readonly signal: AbortSignal
  onVideo(video: Video): void
  /** Called once for each outage in which the server cannot be reached. */
  onLost(reason: string): void
}

const POLL_INTERVAL_MS = 1000
/** Time after which a silent stream counts as a dead connection. */
const SILENCE_MS = 45_000

/**
 * Follows a video until its processing has ended: by server-sent events, or by a request each second if there is no stream.
 * @throws UserError if the server does not know the video; the signal's reason when that fires
 */
export async function follow(videoUrl: string, options: FollowOptions): Promise<Video> {
  const { signal } = options
  let isLost = false
  const report = (video: Video): boolean => {
    isLost = false
    options.onVideo(video)
    return video.status === 'ready' || video.status === 'failed'
  }
  for (;;) {
    try {
      for await (const video of streamed(`${videoUrl}/events`, signal)) {
        if (report(video)) return video
      }
      const video = await fetched(videoUrl, signal)
      if (report(video)) return video
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof UserError) throw error
      if (!isLost) options.onLost(networkReason(error))
      isLost = true
    }
    await pause(POLL_INTERVAL_MS, undefined, { signal })
  }
}

async function fetched(url: string, signal: AbortSignal): Promise<Video> {
  const response = await fetch(url, {
    headers: CREDENTIAL,
    signal: AbortSignal.any([signal, AbortSignal.timeout(SILENCE_MS)]),
  })
  if (response.ok) return (await response.json()) as Video
  const detail = refusal(await response.text())
  if (response.status >= 500 || response.status === 429)
    throw new Error(`the server answered ${response.status}`)
  throw new UserError(
    `The upload is complete, but ${url} answered ${response.status}${detail ? `: ${detail}` : '.'}`,
  )
}

/** The video after each change. Ends without an error if the server has no such stream, or the stream breaks. */
async function* streamed(url: string, signal: AbortSignal): AsyncGenerator<Video> {
  const dead = new AbortController()
  const silence = setTimeout(() => dead.abort(), SILENCE_MS)
  try {
    const response = await fetch(url, {
      headers: { ...CREDENTIAL, accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, dead.signal]),
    })
    if (!response.ok || !response.body) return void (await response.body?.cancel())
    for await (const event of parseEvents(response.body, () => silence.refresh())) {
      if (event.name === 'video') yield JSON.parse(event.data) as Video
    }
  } catch {
    // The next request for the video shows whether the server is there at all.
    signal.throwIfAborted()
  } finally {
    clearTimeout(silence)
    dead.abort()
  }
}
