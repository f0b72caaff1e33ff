import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { parseEvents, type ServerEvent } from '../../src/page/api/event-stream.ts'

/** A body whose bytes arrive in chunks of these sizes. */
function bodyOf(text: string, sizes: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let [at, part] = [0, 0]
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      const size = sizes[part++ % sizes.length]!
      controller.enqueue(bytes.subarray(at, at + size))
      at += size
    },
  })
}

async function eventsOf(text: string, sizes: readonly number[] = [1000]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of parseEvents(bodyOf(text, sizes))) events.push(event)
  return events
}

t.test('the parser reads fields, comments and lines of data', async t => {
  t.same(
    await eventsOf(': hello\n\nid: 3\nevent: video\ndata: {"a":\ndata:1}\nretry: 5\n\ndata\n\nevent: x\n\n'),
    [
      { name: 'video', data: '{"a":\n1}' },
      { name: 'message', data: '' },
    ],
  )
  t.same(await eventsOf('data: cut off'), [], 'an event that is cut off is ignored')
})

t.test('the events do not depend on the sizes of the chunks, nor on the kind of line break', async t => {
  const data = fc.stringMatching(/^[ -~é☀]{0,12}$/)
  const events = fc.array(
    fc.record({ name: fc.constantFrom('video', 'deleted'), data }, { noNullPrototype: true }),
  )
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
  const property = fc.asyncProperty(
    events,
    sizes,
    fc.constantFrom('\n', '\r\n', '\r'),
    async (expected, sizes, end) => {
      const lines = expected.flatMap(({ name, data }) => [`event: ${name}`, `data: ${data}`, ''])
      // One more line, because a CR at the end could be the first half of CR LF.
      deepEqual(await eventsOf([...lines, ':', ''].join(end), sizes), expected)
    },
  )
  await t.resolves(fc.assert(property, { numRuns: 200 }))
})
