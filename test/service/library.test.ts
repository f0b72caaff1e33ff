import { once } from 'node:events'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { bigClip, clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, type VideoView } from '../support/video-api.ts'

interface Page {
  readonly items: (VideoView & {
    tags: string[]
    moments: { start: number; link: string; snippet: object[] }[] | null
  })[]
  readonly next_cursor: string | null
}

const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'

await flavours(t, async (t, { env }) => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const service = await startService({ env: { ...env, OPENAI_BASE_URL: speech.baseUrl } })
  t.teardown(() => service.stop())
  const { url } = service
  const json = (method: string, path: string, value: unknown, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(value)
    // Node's client frames no body of a DELETE by itself.
    const framed = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    }
    return rawRequest(url, path, { method, headers: framed, body })
  }
  const list = (query: string) => getJson<Page>(`${url}/videos?${query}`)
  const ids = async (query: string) => (await list(query)).items.map(({ id }) => id)

  const spoken = await clip({
    words: [
      { word: 'apple', start: 0.5 },
      { word: 'river', start: 3 },
    ],
  })
  const silent = await clip({ audio: 'none' })
  const first = await postVideo(url, spoken, { title: 'Harvest', tags: 'farm, autumn ,farm' })
  const second = await postVideo(url, silent, { title: 'Second', tags: 'autumn' })
  const id = first.id
  for (const one of [first, second]) await endedVideo(url, one.id)

  await t.test('found by what was said, at its moment', async t => {
    const [video] = (await list('q=river')).items
    t.equal(video?.id, id)
    const [moment] = video!.moments!
    t.ok(Math.abs(moment!.start - 3) < 0.3)
    t.equal(moment!.link, `${video!.links['stream']}#t=${moment!.start}`)
    t.same(moment!.snippet, [{ text: 'river', hit: true }])
    t.equal((await list('')).items[0]!.moments, null)
  })

  await t.test('filters', async t => {
    t.same(first, { ...first, tags: ['farm', 'autumn'] })
    t.same(await ids('tag=autumn'), [second.id, id])
    t.same(await ids('tag=farm&status=ready'), [id])
    t.same(await ids('tag=far'), [])
    t.same(await ids('tag=farm&q=river'), [id])
    t.same(await ids('tag=autumn&q=second&sort=title'), [second.id])
    const { created_at } = (await getJson(`${url}/videos/${id}`)) as VideoView & { created_at: string }
    t.same(await ids(`created_after=${created_at}`), [second.id])
    t.same(await ids(`created_before=${created_at}`), [])
    t.same(await ids('created_before=2100-01-01T00:00:00%2B20:00'), [second.id, id])
    const { next_cursor } = await list('tag=autumn&limit=1')
    t.same(await ids(`tag=autumn&limit=1&cursor=${next_cursor}`), [id])
    const bad = {
      'created_after=yesterday': 'created_after',
      'created_before=0000-01-01T00:00:00Z': 'created_before',
      'created_before=2026-01-01T23:59:60Z': 'created_before',
      'tag=': 'tag',
      'tag=%00': 'tag',
      [`tag=${'x'.repeat(51)}`]: 'tag',
      [`cursor=${next_cursor}`]: 'cursor',
      [`tag=farm&cursor=${next_cursor}`]: 'cursor',
      [`tag=autumn&sort=title&cursor=${next_cursor}`]: 'cursor',
      [`tag=autumn&cursor=${next_cursor!.slice(0, -2)}`]: 'cursor',
    }
    for (const [query, field] of Object.entries(bad)) {
      const answer = await rawRequest(url, `/videos?${query}`)
      t.match([answer.status, JSON.parse(answer.text)], [400, { field }], query)
    }
  })

  await t.test('two editors do not overwrite each other', async t => {
    const path = `/videos/${id}`
    const read = await rawRequest(url, path)
    const etag = read.headers.etag!
    t.match(etag, /^"[\w-]+"$/)
    t.equal((await rawRequest(url, path, { headers: { 'if-none-match': etag } })).status, 304)
    t.equal((await rawRequest(url, path, { headers: { 'if-match': '"x"' } })).status, 412)
    const changed = await json('PATCH', path, { title: 'Mine' }, { 'if-match': `"x", ${etag}` })
    t.equal(changed.status, 200)
    t.not(changed.headers.etag, etag)
    const late = await json('PATCH', path, { title: 'Theirs' }, { 'if-match': etag })
    t.match([late.status, JSON.parse(late.text)], [412, { code: 'precondition_failed', field: 'if-match' }])
    t.equal((await rawRequest(url, path, { method: 'DELETE', headers: { 'if-match': etag } })).status, 412)
    t.equal((await json('PUT', path, { tags: ['new'] }, { 'if-match': 'W/*' })).status, 412)
    const now = (await rawRequest(url, path)).headers.etag!
    for (const none of ['*', now, `"x", W/${now}`]) {
      const refused = await json('PUT', path, { tags: ['new'] }, { 'if-none-match': none })
      t.equal(refused.status, 412, `If-None-Match: ${none}`)
    }
    t.equal((await json('PUT', path, { tags: [] }, { 'if-none-match': etag })).status, 200)
    t.equal(
      (await json('PUT', path, { tags: ['b', ' a', 'b'], language: 'en-GB' }, { 'if-match': '*' })).status,
      200,
    )
    t.match(await getJson(`${url}${path}`), { title: 'Mine', tags: ['b', 'a'], language: 'en-GB' })
    t.equal((await json('PATCH', `/videos/${UNKNOWN}`, { title: 'x' }, { 'if-match': '*' })).status, 404)
    const before = (await rawRequest(url, path)).headers.etag!
    await rawRequest(url, `${path}/retry`, { method: 'POST' })
    const after = (await rawRequest(url, path)).headers.etag!
    t.not(after, before, 'a reader is told of every change')
    t.equal(
      (await json('PATCH', path, { language: null }, { 'if-match': before })).status,
      200,
      'an editor only of edits',
    )
    const at = await Promise.all(
      [1, 2, 3, 4].map(n => json('PATCH', path, { title: `T${n}` }, { 'if-match': after.replace('en', '') })),
    )
    t.ok(at.filter(({ status }) => status === 200).length <= 1, 'of several at once one at most')
  })

  await t.test('a refused change says where', async t => {
    const bad: [body: object, pointer: string][] = [
      [{ title: 1 }, '/title'],
      [{ tags: ['a', 2] }, '/tags/1'],
      [{ tags: ['a', 'b\0'] }, '/tags/1'],
      [{ tags: ['a,b'] }, '/tags/0'],
      [{ tags: Array.from({ length: 31 }, (_, n) => `t${n}`) }, '/tags'],
      [{ tags: ['x'.repeat(51)] }, '/tags/0'],
      [{ language: 'not a language' }, '/language'],
      [{ unknown: 1 }, '/unknown'],
      [{ description: 'a\0' }, '/description'],
      [{ title: 'a\ud800' }, '/title'],
    ]
    for (const [body, pointer] of bad) {
      const answer = await json('PATCH', `/videos/${id}`, body)
      const problem = JSON.parse(answer.text)
      t.match([answer.status, problem], [400, { field: pointer.slice(1).replace('/', '.') }], pointer)
      t.match(problem.errors, [{ pointer, detail: String }])
    }
  })

  await t.test('the same request twice makes one video', async t => {
    const post = async (
      key: string,
      { name = 'a.mp4', title = 'Once', bytes = 'not a video', field = 'video' } = {},
    ) => {
      const form = new FormData()
      form.append('title', title)
      form.append(field, new Blob([bytes], { type: 'video/mp4' }), name)
      const answer = await fetch(`${url}/videos`, {
        method: 'POST',
        body: form,
        headers: { 'idempotency-key': key },
      })
      return {
        status: answer.status,
        replayed: answer.headers.get('idempotency-replayed'),
        location: answer.headers.get('location'),
        body: (await answer.json()) as VideoView & { code: string },
      }
    }
    const one = await post('k1')
    t.match(one, { status: 201, replayed: null })
    const two = await post('k1')
    t.same(two, { ...one, replayed: 'true' })
    t.same((await post('"k1"')).body.id, one.body.id, 'quoted, as the draft has it')
    for (const other of [{ title: 'Twice' }, { bytes: 'another' }, { name: 'b.mp4' }])
      t.match(await post('k1', other), {
        status: 422,
        body: { code: 'idempotency_key_reused', field: 'idempotency-key' },
      })
    t.not((await post('k2')).body.id, one.body.id)
    t.match(await post('x'.repeat(256)), { status: 400, body: { field: 'idempotency-key' } })
    t.equal((await post('k3', { field: 'film' })).status, 400)
    t.equal((await post('k3')).status, 201, 'what failed may be tried again')
    t.equal((await list('q=Once')).items.length, 3)

    // The one that is in time is answered; the slow one has to be it.
    for (let n = 0; ; n++) {
      const headers = { 'content-type': 'multipart/form-data; boundary=x', 'idempotency-key': `slow-${n}` }
      const slow = openRequest(url, '/videos', { method: 'POST', headers })
      slow.outgoing.write(
        '--x\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\nbegin',
      )
      // Its head has been sent and read before the other one is begun, nearly always.
      const [socket] = await once(slow.outgoing, 'socket')
      if (socket.connecting) await once(socket, 'connect')
      for (let round = 0; round < 5; round++) await fetch(`${url}/status`)
      const other = await post(`slow-${n}`)
      if (other.status === 409) {
        slow.outgoing.end('end\r\n--x--\r\n')
        t.equal((await slow.answer).status, 201)
        t.equal((await post(`slow-${n}`)).status, 422)
        break
      }
      slow.outgoing.destroy()
    }
  })

  await t.test('a deleted video is not played to its end', async t => {
    const { id } = await postVideo(url, await bigClip(30_000_000, { words: [] }), { title: 'Big' })
    await endedVideo(url, id)
    const asked = get(`${url}/videos/${id}/source`, { agent: false }).on('error', () => {})
    const [response] = await once(asked, 'response')
    const events = await fetch(`${url}/videos/${id}/events`)
    const told = events.text()
    // Not by `once`, which an error ends too.
    const broken = new Promise(resolve => response.on('error', () => {}).on('close', resolve))
    await once(response, 'readable')
    t.equal((await fetch(`${url}/videos/${id}`, { method: 'DELETE' })).status, 204)
    const files = `/proc/${service.pid}/fd`
    const opened = () =>
      readdirSync(files).some(fd => {
        try {
          return readlinkSync(join(files, fd)).includes(id)
        } catch {
          return false
        }
      })
    await until(() => !opened())
    response.resume()
    await broken
    t.notOk(response.complete)
    t.match(await told, /event: deleted\ndata: \{"id":"[\w-]+"\}\n\n$/)
  })

  await t.test('several are deleted at once', async t => {
    const file = join(throwAwayDirectory('some'), 'x')
    writeFileSync(file, 'x')
    const more = [await postVideo(url, file), await postVideo(url, file)].map(video => video.id)
    const answer = await json('DELETE', '/videos', { ids: [more[0], UNKNOWN, more[1], more[0]] })
    t.equal(answer.status, 200, answer.text)
    t.same(JSON.parse(answer.text).results, [
      { id: more[0], result: 'deleted' },
      { id: UNKNOWN, result: 'not_found' },
      { id: more[1], result: 'deleted' },
    ])
    for (const id of more) t.equal((await fetch(`${url}/videos/${id}`)).status, 404)
    for (const body of [
      {},
      { ids: [] },
      { ids: ['x'] },
      { ids: Array(101).fill(UNKNOWN) },
      { ids: [UNKNOWN], all: true },
      [],
    ])
      t.equal((await json('DELETE', '/videos', body)).status, 400)
    t.equal((await rawRequest(url, '/videos', { method: 'DELETE' })).status, 400)
  })

  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed'),
    [],
  )
})
