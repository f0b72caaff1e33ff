import { setTimeout as pause } from 'node:timers/promises'
import type { components } from '../../src/page/api/api-types.d.ts'
import { CREDENTIAL } from './credential.ts'
import { networkReason, refusal, UserError } from './user-error.ts'

export type Video = components['schemas']['Video']
export type Step = components['schemas']['Step']

export interface FollowOptions {
  readonly signal: AbortSignal
  onVideo(video: Video): void
  /** The server cannot be reached; said once each time. */
  onLost(reason: string): void
}

const POLL_INTERVAL = 1000
/** Milliseconds after which a silent stream is taken for a dead connection. */
const SILENCE = 45_000

/**
 * Follows a video until its processing has ended, by server-sent events, or by asking every second where that stream breaks.
 * @throws UserError where the server does not know the video; the signal's reason when that fires.
 */
export async function follow(videoUrl: string, options: FollowOptions): Promise<Video> {
  const { signal } = options
  let lost = false
  const see = (video: Video): boolean => {
    lost = false
    options.onVideo(video)
    return video.status !== 'processing'
  }
  for (;;) {
    try {
      for await (const video of streamed(`${videoUrl}/events`, signal)) {
        if (see(video)) return video
      }
      const video = await fetched(videoUrl, signal)
      if (see(video)) return video
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof UserError) throw error
      if (!lost) options.onLost(networkReason(error))
      lost = true
    }
    await pause(POLL_INTERVAL, undefined, { signal })
  }
}

async function fetched(url: string, signal: AbortSignal): Promise<Video> {
  const response = await fetch(url, {
    headers: CREDENTIAL,
    signal: AbortSignal.any([signal, AbortSignal.timeout(SILENCE)]),
  })
  if (response.ok) return (await response.json()) as Video
  const said = refusal(await response.text())
  if (response.status >= 500 || response.status === 429)
    throw new Error(`the server answered ${response.status}`)
  throw new UserError(
    `The upload is complete, but ${url} answered ${response.status}${said ? `: ${said}` : '.'}`,
  )
}

/** Videos as the server sends them; ends without an error where there is no such stream, or it breaks. */
async function* streamed(url: string, signal: AbortSignal): AsyncGenerator<Video> {
  const dead = new AbortController()
  const silence = setTimeout(() => dead.abort(), SILENCE)
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
    // Asking for the video once, as happens next, tells whether the server is there at all.
    signal.throwIfAborted()
  } finally {
    clearTimeout(silence)
    dead.abort()
  }
}

/** The events of a stream in the format of HTML's «Server-sent events»; ids and retry times have no use here. */
async function* parseEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<{ name: string; data: string }> {
  const decoder = new TextDecoder()
  let rest = ''
  let name = ''
  let data: string[] = []
  for await (const bytes of body) {
    onBytes()
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.map(text => text.replace(/\r$/, ''))) {
      if (line === '') {
        if (data.length > 0) yield { name: name || 'message', data: data.join('\n') }
        name = ''
        data = []
        continue
      }
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (field === 'event') name = value
      if (field === 'data') data.push(value)
    }
  }
}
