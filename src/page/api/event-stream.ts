export interface ServerEvent {
  readonly name: string
  readonly data: string
}

/** A CR at the end of the text is not a line break yet: it may be the first half of CR LF. */
const LINE_BREAK = /\r\n|\n|\r(?!$)/

/**
 * The events of a `text/event-stream` body (HTML, §9.2.6 "Interpreting an event stream"). Ids and retry times are ignored. The page and
 * the command `upload` share this parser.
 * @param onBytes called for everything that arrives, comments included
 */
export async function* parseEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let name = ''
  let data: string[] = []
  for await (const bytes of chunksOf(body)) {
    onBytes()
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(LINE_BREAK)
    rest = lines.pop() ?? ''
    for (const line of lines) {
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

/** Some browsers do not support `for await` over a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
