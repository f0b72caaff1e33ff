import { parseEvents } from './event-stream.ts'
import { request } from './http.ts'

/** Time before a stream that has ended is opened again. */
const RETRY_MS = 2000

/**
 * Follows server-sent events, and reconnects until it is stopped. EventSource is not used, because it cannot send a credential.
 * @returns a function that stops it
 */
export function follow(link: string, onEvent: (name: string, data: string) => void): () => void {
  const stop = new AbortController()
  void (async () => {
    while (!stop.signal.aborted) {
      try {
        const { body } = await request(link, {
          signal: stop.signal,
          headers: { Accept: 'text/event-stream' },
        })
        for await (const { name, data } of parseEvents(body!)) onEvent(name, data)
      } catch (error) {
        // 404 means that the video was deleted. The view learns this from the event, or from its next request.
        if ((error as { status?: number }).status === 404) return
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
  })()
  return () => stop.abort()
}
