import type { Test } from 'tap'
import { clip, textFile } from '../../support/clips.ts'
import { rawRequest } from '../../support/raw-request.ts'
import { until } from '../../support/until.ts'
import { endedVideo, postVideo, type VideoView } from '../../support/video-api.ts'
import type { Transcribing } from './transcribing.ts'

interface ServerEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: VideoView
}

/** Listens as a browser's EventSource does, and collects. */
async function listen(
  url: string,
  lastId?: string,
): Promise<{ events: ServerEvent[]; closed: Promise<void>; stop(): void }> {
  const controller = new AbortController()
  const answer = await fetch(url, {
    signal: controller.signal,
    headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
  })
  if (answer.status !== 200 || !answer.headers.get('content-type')?.startsWith('text/event-stream'))
    throw new Error(`${answer.status} ${await answer.text()}`)
  const events: ServerEvent[] = []
  const read = async () => {
    let rest = ''
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const [, id, event, data] = /^(?:id: (\d+)\n)?event: (.*)\ndata: (.*)$/.exec(block) ?? []
        if (event && data) events.push({ id, event, data: JSON.parse(data) })
      }
    }
  }
  const closed = read().catch(error => {
    if (!controller.signal.aborted) throw error
  })
  return { events, closed, stop: () => controller.abort() }
}

export async function events(t: Test, { service, speech }: Transcribing): Promise<void> {
  // Long enough for somebody to see each step run.
  speech.delay(1500)
  const words = [{ word: 'apple', start: 0.5 }]

  await t.test('the first at once, progress, the end, and that it was deleted', async t => {
    const { id } = await postVideo(service.url, await clip({ words }))
    const { events, closed } = await listen(`${service.url}/videos/${id}/events/`)
    await until(() => events.length > 0)
    t.match(events[0], { event: 'video', data: { id, status: 'processing' } })
    await until(() => events.at(-1)?.data.transcript === 'apple')
    const stateOf = ({ data }: ServerEvent, name: string) =>
      data.steps.find(step => step.name === name)?.state
    t.ok(
      events.some(event => stateOf(event, 'transcribe') === 'running'),
      'the transcription was seen to run',
    )
    await until(
      () => stateOf(events.at(-1)!, 'transcribe') === 'done' && events.at(-1)!.data.status === 'ready',
    )
    t.same(events.at(-1)!.data, await endedVideo(service.url, id))
    const texts = events.map(event => JSON.stringify(event))
    t.ok(
      texts.every((text, i) => text !== texts[i - 1]),
      'each tells something new',
    )

    const patched = await fetch(`${service.url}/videos/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"Anew"}',
    })
    t.equal(patched.status, 200)
    await until(() => events.at(-1)!.data.title === 'Anew')

    const late = await listen(`${service.url}/videos/${id}/events`)
    await until(() => late.events.length > 0)
    t.match(late.events[0], { event: 'video', data: { id, title: 'Anew', status: 'ready' } })

    t.equal((await fetch(`${service.url}/videos/${id}`, { method: 'DELETE' })).status, 204)
    for (const listener of [{ events, closed }, late]) {
      await listener.closed
      t.match(listener.events.at(-1), { event: 'deleted', data: { id } })
    }
    t.equal((await fetch(`${service.url}/videos/${id}/events`)).status, 404)
  })

  // What becomes of the others does not matter: they are no films.
  const other = () => textFile('mp4').then(path => postVideo(service.url, path))

  await t.test('who comes back is told what has changed since', async t => {
    const { id } = await other()
    await endedVideo(service.url, id)
    const url = `${service.url}/videos/${id}/events`
    const first = await listen(url)
    await until(() => first.events.length > 0)
    const { id: seen } = first.events[0]!
    t.match(seen, /^\d+$/)
    first.stop()
    const rename = (title: string) =>
      fetch(`${service.url}/videos/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title }),
      })
    const same = await listen(url, seen)
    await rename('Changed')
    await until(() => same.events.length > 0)
    t.match(same.events, [{ data: { title: 'Changed' } }], 'not of what it has seen')
    t.ok(Number(same.events[0]!.id) > Number(seen))
    same.stop()
    for (const before of [seen, 'nonsense']) {
      const late = await listen(url, before)
      await until(() => late.events.length > 0)
      t.match(late.events[0], { data: { title: 'Changed' } }, 'but of what it has missed')
      late.stop()
    }
  })

  await t.test('HEAD has an end', async t => {
    const { id } = await other()
    const { status, headers } = await rawRequest(service.url, `/videos/${id}/events`, { method: 'HEAD' })
    t.equal(status, 200)
    t.match(headers['content-type'], 'text/event-stream')
  })

  await t.test('pages of other origins may listen only where they are allowed', async t => {
    const { id } = await other()
    for (const [origin, allowed] of [
      ['http://localhost:5173', 'http://localhost:5173'],
      ['https://evil.example', null],
    ] as const) {
      const controller = new AbortController()
      const answer = await fetch(`${service.url}/videos/${id}/events`, {
        headers: { origin },
        signal: controller.signal,
      })
      t.equal(answer.headers.get('access-control-allow-origin'), allowed)
      controller.abort()
    }
  })

  await t.test('listeners do not hold up the stop', async () => {
    const { id } = await other()
    const { closed } = await listen(`${service.url}/videos/${id}/events`)
    await service.stop()
    await closed
  })
}
