import { readFile } from 'node:fs/promises'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { startLastingService } from '../support/lasting-service.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { Recorder } from '../support/recorder.ts'
import { uploadId } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, type VideoPageView, type VideoView } from '../support/video-api.ts'

const source = await readFile(await clip({ audio: 'none' }))
const base64 = (text: string) => Buffer.from(text).toString('base64')

await flavours(t, async (t, { env }) => {
  const lasting = await startLastingService(t, env)
  const { url } = lasting.service
  const tus = new TusWire(url)
  const video = (id: string) => getJson(`${url}/videos/${id}`)
  const list = async (query: string) =>
    (await getJson<VideoPageView>(`${url}/videos?${query}`)).items.map(({ id }) => id)
  const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    rawRequest(url, path, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
  const codeOf = async (answer: ReturnType<typeof send>) => {
    const { status, text } = await answer
    return `${status} ${text ? (JSON.parse(text) as { code?: string }).code : ''}`.trim()
  }

  await t.test('a video is there from the announcement, and in lists only if they ask for it', async t => {
    const path = await tus.create(source.length, {
      'upload-metadata': `title ${base64('Waterfall at dawn')},tags ${base64('river, stone')},filename ${base64('a.mp4')}`,
    })
    const id = uploadId(path)
    const expected = {
      id,
      title: 'Waterfall at dawn',
      filename: 'a.mp4',
      tags: ['river', 'stone'],
      status: 'uploading',
      upload: { offset: 0, length: source.length },
      size: null,
      steps: [],
    }
    t.match(await video(id), expected)
    const asked = ['status=uploading', 'status=uploading,ready', 'status=ready&status=uploading']
    for (const query of asked) {
      for (const more of [
        '',
        '&sort=title',
        '&sort=-size',
        '&q=waterfall',
        '&q="at dawn"&sort=duration',
        '&tag=river',
      ])
        t.ok((await list(query + more)).includes(id), query + more)
      t.notOk((await list(`${query}&q=desert`)).includes(id))
      t.notOk((await list(`${query}&tag=sand`)).includes(id))
    }
    for (const query of [
      '',
      'status=processing',
      'status=processing,ready,failed',
      'q=waterfall',
      'tag=river',
      'sort=size',
    ])
      t.notOk((await list(query)).includes(id), `not in ?${query}`)
    t.match(await codeOf(send('GET', '/videos?status=uploading,gone')), '400 invalid_request')
    t.match(await codeOf(send('GET', '/videos?status=')), '400 invalid_request')
    t.notMatch((await rawRequest(url, '/metrics')).text, /longtake_videos\{status="uploading"\}/)

    for (const end of [
      'stream',
      'source',
      'audio',
      'poster',
      'peaks.json',
      'captions.vtt',
      'transcript',
      'embed',
    ]) {
      const answer = await send('GET', `/videos/${id}/${end}`)
      t.equal(await codeOf(Promise.resolve(answer)), '404 not_ready', end)
      t.match(JSON.parse(answer.text), { reason: 'uploading' }, end)
      t.ok(answer.headers['retry-after'], end)
    }
    t.equal(await codeOf(send('POST', `/videos/${id}/retry`)), '409 video_uploading')
    t.equal(await codeOf(send('POST', `/videos/${id}/retry?step=probe`)), '409 video_uploading')

    t.equal((await tus.patch(path, 0, source)).status, 204)
    t.match(await video(id), {
      ...expected,
      status: /processing|ready/,
      upload: null,
      size: source.length,
      steps: Object,
    })
    t.ok((await list('q=waterfall')).includes(id))
    t.notOk((await list('status=uploading')).includes(id))
    t.match(await endedVideo(url, id), { status: 'ready', upload: null })
  })

  await t.test('pages of uploading and other videos together have each once, in order', async t => {
    const made: string[] = []
    for (const title of ['page c', 'page a', 'page d', 'page b']) {
      const path = await tus.create(title.endsWith('a') || title.endsWith('d') ? 3 : 0, {
        'upload-metadata': `title ${base64(title)}`,
      })
      made.push(uploadId(path))
    }
    for (const sort of ['title', '-title', 'created_at', '-created_at', 'size', 'duration']) {
      const seen: VideoView[] = []
      for (let cursor = ''; ; ) {
        const page = await getJson<VideoPageView>(
          `${url}/videos?status=uploading,processing,ready,failed&limit=1&sort=${sort}${cursor}`,
        )
        seen.push(...page.items)
        if (!page.next_cursor) break
        cursor = `&cursor=${page.next_cursor}`
      }
      t.equal(new Set(seen.map(({ id }) => id)).size, seen.length, sort)
      t.ok(
        made.every(id => seen.some(video => video.id === id)),
        sort,
      )
      const titles = seen.map(({ title }) => title).filter(title => title.startsWith('page'))
      if (sort.endsWith('title'))
        t.same(titles, sort === 'title' ? titles.toSorted() : titles.toSorted().reverse())
    }
    for (const id of made) t.equal((await send('DELETE', `/videos/${id}`)).status, 204)
  })

  await t.test('events tell the progress, and go on until it is ready', async t => {
    const path = await tus.create(source.length)
    const id = uploadId(path)
    const follow = eventsOf(`${url}/videos/${id}/events`)
    t.match(await follow.next(), { event: 'video', data: { upload: { offset: 0, length: source.length } } })
    const half = Math.floor(source.length / 2)
    t.equal((await tus.patch(path, 0, source.subarray(0, half))).status, 204)
    t.match(await follow.next(), { event: 'video', data: { status: 'uploading', upload: { offset: half } } })
    const again = await rawEvents(`${url}/videos/${id}/events`, follow.lastId)
    t.match(again, /^: no change/, 'a client that comes back has missed nothing')
    t.equal((await tus.patch(path, half, source.subarray(half))).status, 204)
    const rest: string[] = []
    for (let data: VideoView | undefined; data?.status !== 'ready'; ) {
      ;({ data } = await follow.next())
      rest.push(data!.status)
    }
    t.notOk(rest.includes('uploading'))
    follow.end()
  })

  await t.test('events end if the upload is removed, and no webhook or list hears of it', async t => {
    const path = await tus.create(10)
    const id = uploadId(path)
    const follow = eventsOf(`${url}/videos/${id}/events`)
    await follow.next()
    t.equal((await tus.send('DELETE', path)).status, 204)
    t.match(await follow.next(), { event: 'deleted', data: { id } })
    t.equal(await codeOf(send('GET', `/videos/${id}`)), '404 not_found')
    t.notOk((await list('status=uploading')).includes(id))
  })

  await t.test('what a person edits while it is uploaded stays when it is finished', async t => {
    const path = await tus.create(source.length, { 'upload-metadata': `title ${base64('Before')}` })
    const id = uploadId(path)
    const { headers } = await rawRequest(url, `/videos/${id}`)
    const change = { title: 'Edited', description: 'While it was sent', tags: ['x'], language: 'de' }
    t.equal((await send('PATCH', `/videos/${id}`, change, { 'if-match': headers.etag! })).status, 200)
    t.equal(
      (await send('PATCH', `/videos/${id}`, { title: 'Late' }, { 'if-match': headers.etag! })).status,
      412,
    )
    t.match(await video(id), { ...change, status: 'uploading' })
    t.notOk((await list('q=edited')).includes(id), 'an edit brings it into no search')
    t.ok((await list('q=edited&status=uploading')).includes(id))
    t.equal((await tus.patch(path, 0, source)).status, 204)
    t.match(await video(id), { ...change, upload: null })
    t.ok((await list('q=edited')).includes(id))
  })

  await t.test('a deletion ends the request that sends bytes, and honours If-Match', async t => {
    const path = await tus.create(source.length)
    const id = uploadId(path)
    const { outgoing, answer } = tus.openPatch(path, 0, { 'content-length': source.length })
    outgoing.on('error', () => {})
    outgoing.write(source.subarray(0, 5000))
    await until(async () => (await video(id)).upload!.offset === 5000)
    t.equal((await send('DELETE', `/videos/${id}`, undefined, { 'if-match': '"another"' })).status, 412)
    outgoing.write(source.subarray(5000, 9000))
    await until(async () => (await video(id)).upload!.offset === 9000)
    const { headers } = await rawRequest(url, `/videos/${id}`)
    t.equal((await send('DELETE', `/videos/${id}`, undefined, { 'if-match': headers.etag! })).status, 204)
    t.equal((await answer.catch(() => ({ status: 410 }))).status, 410)
    t.equal(await codeOf(send('GET', `/videos/${id}`)), '404 not_found')
    t.equal((await tus.head(path)).status, 404)
    t.equal(await codeOf(send('DELETE', `/videos/${id}`)), '404 not_found')
    const several = [uploadId(await tus.create(5)), uploadId(await tus.create(0))]
    const deletions = await getJson<{ results: { result: string }[] }>(`${url}/videos`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ids: [...several, id] }),
    })
    t.same(
      deletions.results.map(({ result }) => result),
      ['deleted', 'deleted', 'not_found'],
    )
  })

  await t.test('recordings, forms, the IETF protocol and concatenations begin in the same way', async t => {
    const recorder = new Recorder(() => url)
    const recording = await recorder.create({ title: 'A recording' })
    t.match(await video(recording), {
      status: 'uploading',
      title: 'A recording',
      upload: { offset: 0, length: null },
    })
    await recorder.put(recording, 0, source)
    await until(async () => (await video(recording)).upload?.offset === source.length)
    t.equal((await recorder.finalize(recording)).status, 200)
    t.match(await endedVideo(url, recording), { status: 'ready', title: 'A recording', upload: null })

    const ietf = new DraftWire(url)
    const location = await ietf.create(source.subarray(0, 1000))
    const id = uploadId(location)
    t.match(await video(id), { status: 'uploading', upload: { offset: 1000, length: null } })
    t.match((await ietf.append(location, 1000, true, source.subarray(1000))).status, /20\d/)
    t.match(await video(id), { upload: null, size: source.length })

    const boundary = 'x'
    const { outgoing, answer } = openRequest(url, '/videos', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    })
    const before = new Set(await list('status=uploading'))
    outgoing.write(
      `--${boundary}\r\ncontent-disposition: form-data; name="video"; filename="form.mp4"\r\ncontent-type: video/mp4\r\n\r\n`,
    )
    outgoing.write(source)
    const [form] = await until(async () => {
      const added = (await list('status=uploading')).filter(id => !before.has(id))
      return added.length > 0 && added
    })
    t.equal((await send('PATCH', `/videos/${form}`, { description: 'Edited early' })).status, 200)
    outgoing.end(
      `\r\n--${boundary}\r\ncontent-disposition: form-data; name="title"\r\n\r\nFrom a form\r\n--${boundary}\r\ncontent-disposition: form-data; name="description"\r\n\r\nToo late\r\n--${boundary}--\r\n`,
    )
    t.equal((await answer).status, 201)
    t.match(await video(form!), { title: 'From a form', description: 'Edited early', filename: 'form.mp4' })

    const parts: string[] = []
    for (const part of [source.subarray(0, 2000), source.subarray(2000)]) {
      const path = await tus.create(part.length, { 'upload-concat': 'partial' })
      t.equal(await codeOf(send('GET', `/videos/${uploadId(path)}`)), '404 not_found', 'a part is no video')
      parts.push(path)
      await tus.patch(path, 0, part)
    }
    const final = await tus.send('POST', '/uploads', { 'upload-concat': `final;${parts.join(' ')}` })
    t.match(await video(uploadId(final.headers.location)), { upload: null, size: source.length })
  })

  await t.test('a killed service goes on with both', async t => {
    const kept = await tus.create(source.length)
    const half = Math.floor(source.length / 2)
    await tus.patch(kept, 0, source.subarray(0, half))
    await lasting.service.kill()
    await lasting.startAgain()
    t.match(await video(uploadId(kept)), { status: 'uploading', upload: { offset: half } })
    t.equal((await tus.patch(kept, half, source.subarray(half))).status, 204)
    t.match(await video(uploadId(kept)), { upload: null, size: source.length })
  })
})

interface Event {
  readonly event: string
  readonly data: VideoView
}

/** Server-sent events, one after another. */
function eventsOf(url: string): { next(): Promise<Event>; readonly lastId: string; end(): void } {
  const abort = new AbortController()
  let lastId = ''
  const events = (async function* () {
    const { body } = await fetch(url, { signal: abort.signal })
    let text = ''
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        const [, id = '', event, data = ''] = /^(?:id: (\S+)\n)?event: (\w+)\ndata: (.*)$/.exec(block) ?? []
        if (!event) continue
        lastId = id
        yield { event, data: JSON.parse(data) as VideoView }
      }
    }
  })()
  return {
    async next() {
      const { value } = await events.next()
      if (!value) throw new Error('the stream has ended')
      return value
    },
    get lastId() {
      return lastId
    },
    end: () => abort.abort(),
  }
}

/** The first bytes of a stream of events. */
async function rawEvents(url: string, lastEventId: string): Promise<string> {
  const abort = new AbortController()
  const { body } = await fetch(url, { signal: abort.signal, headers: { 'last-event-id': lastEventId } })
  const { value = '' } = await body!.pipeThrough(new TextDecoderStream()).getReader().read()
  abort.abort()
  return value
}
