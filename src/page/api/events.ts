import { request } from './http.ts'

/** Milliseconds until a stream that ended is asked for again. */
const RETRY = 2000

/**
 * Follows server-sent events (HTML §9.2). Not by EventSource, which cannot say who asks. Connects again until it is stopped.
 * @returns stops it.
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
        await readEvents(body!, onEvent)
      } catch (error) {
        // What is gone will not come back: whoever follows it learns that from the event, or from the video itself.
        if ((error as { status?: number }).status === 404) return
      }
      await new Promise(resolve => setTimeout(resolve, RETRY))
    }
  })()
  return () => stop.abort()
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (name: string, data: string) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    text += value
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const lines = block.split('\n')
      const field = (name: string) =>
        lines.filter(line => line.startsWith(`${name}: `)).map(line => line.slice(name.length + 2))
      const data = field('data').join('\n')
      if (data) onEvent(field('event')[0] ?? 'message', data)
    }
  }
}
