import { connect } from 'node:net'
import t, { type Test } from 'tap'
import type { Sort } from '../../src/videos/catalogue/list-query.ts'
import { clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { listCursor } from '../support/list-cursor.ts'
import { openRequest, type RawAnswer, type RawRequest, rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'

const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const READS = [
  '',
  '/stream',
  '/source',
  '/audio',
  '/poster',
  '/transcript',
  '/transcript.txt',
  '/transcript/revisions',
  '/transcript/revisions/1',
  '/captions.vtt',
  '/captions.srt',
  '/events',
]
const NO_UUIDS = [
  '1',
  'x',
  'null',
  `urn:uuid:${UNKNOWN}`,
  UNKNOWN.replaceAll('-', ''),
  '..',
  '%2e%2e',
  '%00',
  `${UNKNOWN}%00`,
  `${UNKNOWN}x`,
  '..%2f..%2fetc',
  '{id}',
  "'",
  'constructor',
  '__proto__',
  '%F0%9F%8E%AC',
  'x'.repeat(90),
]

const JSON_TYPE = { 'content-type': 'application/json' }
const json = (value: unknown) => ({ headers: JSON_TYPE, body: JSON.stringify(value) })

/** Bodies that PUT and PATCH refuse: with what status, and which field is named. */
const BAD_CHANGES: Record<string, Omit<RawRequest, 'method'> & { status?: number; field?: string }> = {
  'an unknown field': { ...json({ tag: 'x' }), field: 'tag' },
  'a field of ours': { ...json({ title: 'x', status: 'ready' }), field: 'status' },
  'a number': { ...json({ title: 1 }), field: 'title' },
  'null for a title': { ...json({ title: null }), field: 'title' },
  'a list': { ...json({ description: ['x'] }), field: 'description' },
  'segments for a text': { ...json({ transcript: { text: 'x' } }), field: 'transcript' },
  'an empty title': { ...json({ title: '' }), field: 'title' },
  'a blank title': { ...json({ title: ' \t\n' }), field: 'title' },
  'NUL in a title': { ...json({ title: 'a\0b' }), field: 'title' },
  'NUL in a description': { ...json({ description: 'a\0b' }), field: 'description' },
  'NUL in a transcript': { ...json({ transcript: 'a\0b' }), field: 'transcript' },
  'half a character': { headers: JSON_TYPE, body: '{"title":"a\\ud800"}', field: 'title' },
  'a long title': { ...json({ title: 'x'.repeat(501) }), field: 'title' },
  'a long description': { ...json({ description: 'x'.repeat(10_001) }), field: 'description' },
  'a long transcript': { ...json({ transcript: 'x '.repeat(1_000_001) }), field: 'transcript' },
  nothing: { ...json({}) },
  'no object': { ...json(['title']) },
  'a JSON null': { ...json(null) },
  'broken JSON': { headers: JSON_TYPE, body: '{"title": "x"' },
  'an empty body': { headers: JSON_TYPE, body: '' },
  'what is not UTF-8': { headers: JSON_TYPE, body: Buffer.from([0x7b, 0x22, 0xff, 0xfe]) },
  'a prototype': { headers: JSON_TYPE, body: '{"__proto__": {"title": "x"}}' },
  'a constructor': { headers: JSON_TYPE, body: '{"constructor": {"prototype": {"x": 1}}}' },
  'deep JSON': { headers: JSON_TYPE, body: `{"title": ${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
  'a form': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'title=x',
    status: 415,
  },
  XML: { headers: { 'content-type': 'application/xml' }, body: '<title/>', status: 415 },
  text: { headers: { 'content-type': 'text/plain' }, body: '{"title":"x"}', status: 415 },
  'what says that it is compressed': {
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    body: '{"title":"x"}',
    status: 415,
    field: 'content-encoding',
  },
  'a type that is none': { headers: { 'content-type': 'json' }, body: '{}', status: 415 },
  'no body at all': {},
}

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
const summed = (sort: Sort, value: unknown, id = UNKNOWN) => listCursor({ sort }, value, id)

/** Queries of a list that are refused, and the parameter that is named. */
const BAD_QUERIES: Record<string, string> = {
  'limit=0': 'limit',
  'limit=-1': 'limit',
  'limit=1e9': 'limit',
  'limit=101': 'limit',
  'limit=x': 'limit',
  'limit=1.5': 'limit',
  'limit=5.0': 'limit',
  'limit=05': 'limit',
  'limit=1e1': 'limit',
  'limit=0x10': 'limit',
  'limit=%205': 'limit',
  'limit=%2B5': 'limit',
  'limit=': 'limit',
  'limit=1&limit=2': 'limit',
  'sort=nonsense': 'sort',
  'sort=constructor': 'sort',
  'sort=title&sort=size': 'sort',
  'status=gone': 'status',
  'status=ready,gone': 'status',
  'status=ready&status=': 'status',
  'q=': 'q',
  'q=%00': 'q',
  'q=a&q=b': 'q',
  [`q=${'x'.repeat(501)}`]: 'q',
  'page=2': 'page',
  '__proto__=x': '__proto__',
  'cursor=': 'cursor',
  'cursor=nonsense': 'cursor',
  'cursor=%00': 'cursor',
  'cursor=a&cursor=b': 'cursor',
  [`cursor=${'x'.repeat(5000)}`]: 'cursor',
  [`cursor=${cursor()}`]: 'cursor',
  [`cursor=${summed('-created_at', null)}`]: 'cursor',
  [`cursor=${summed('-created_at', '2026-01-31T12:00:00.000Z', 'x')}`]: 'cursor',
  [`cursor=${summed('title', 'x')}`]: 'cursor',
  [`cursor=${cursor('x', '2026-01-31T12:00:00.000Z', UNKNOWN)}`]: 'cursor',
  [`cursor=${summed('-created_at', '2026-01-31T12:00:00.000Z')}.`]: 'cursor',
  [`cursor=${summed('-created_at', '9999-99-99 99:99:99+99')}`]: 'cursor',
  [`cursor=${summed('-created_at', 'infinity')}`]: 'cursor',
  [`sort=title&cursor=${summed('title', 'a\0')}`]: 'cursor',
  [`sort=duration&cursor=${summed('duration', '1e999')}`]: 'cursor',
  [`sort=duration&cursor=${summed('duration', '1e-999')}`]: 'cursor',
  [`sort=size&cursor=${summed('size', '99999999999999999999')}`]: 'cursor',
}

/** What comes back for bytes that are sent as they are, by a client that reads nothing before all of them are out. */
async function exchange(origin: string, bytes: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  let failed = ''
  socket.on('error', ({ message }) => {
    failed = message
  })
  const closed = new Promise(resolve => socket.once('close', resolve))
  await new Promise<void>(resolve => {
    socket.once('close', resolve)
    socket.write(bytes, () => resolve())
  })
  const chunks: Buffer[] = []
  socket.on('data', chunk => void chunks.push(chunk)).end()
  await closed
  return chunks.length > 0 ? Buffer.concat(chunks).toString() : failed
}

async function sent(request: Request): Promise<RawAnswer> {
  const answer = await fetch(request)
  const body = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body, text: body.toString() }
}

await flavours(t, async (t, { env }) => {
  const service = await startService({ env })
  t.teardown(() => service.stop())
  const { url } = service
  const { id } = await postVideo(url, await clip({ audio: 'none' }), { title: 'Untouched' })
  const video = await endedVideo(url, id)

  const isProblem = (
    t: Test,
    answer: RawAnswer,
    status: number | undefined,
    what: string,
    field?: string,
  ) => {
    if (status) t.equal(answer.status, status, `${what}: ${answer.text.slice(0, 300)}`)
    else
      t.ok(
        answer.status >= 400 && answer.status < 500,
        `${what}: ${answer.status} ${answer.text.slice(0, 300)}`,
      )
    t.match(answer.headers['content-type'], /^application\/problem\+json/, what)
    const body = answer.text.startsWith('{') ? JSON.parse(answer.text) : answer.text
    t.match(body, {
      status: answer.status,
      code: /^[a-z_]+$/,
      detail: String,
      title: String,
      ...(field && { field }),
    })
  }

  await t.test('ids', async t => {
    for (const path of READS) {
      isProblem(t, await rawRequest(url, `/videos/${UNKNOWN}${path}`), 404, `unknown ${path}`)
      for (const bad of NO_UUIDS)
        isProblem(t, await rawRequest(url, `/videos/${bad}${path}`), 400, `${bad}${path}`, 'id')
    }
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
      const path = method === 'POST' ? '/retry' : ''
      const body = method === 'POST' || method === 'DELETE' ? {} : json({ title: 'x' })
      isProblem(t, await rawRequest(url, `/videos/${UNKNOWN}${path}`, { method, ...body }), 404, method)
      for (const bad of NO_UUIDS)
        isProblem(
          t,
          await rawRequest(url, `/videos/${bad}${path}`, { method, ...body }),
          400,
          `${method} ${bad}`,
          'id',
        )
    }
  })

  await t.test('paths that are none', async t => {
    for (const path of [
      '/nothing',
      '/videos/x/y/z',
      `/videos/${id}/nothing`,
      '/%00',
      '/..%2f..%2fetc%2fpasswd',
      '/videos//stream',
      `/${'x'.repeat(5000)}`,
    ])
      isProblem(t, await rawRequest(url, path), undefined, path.slice(0, 40))
    for (const path of ['/%zz', '/videos/%zz', '/videos/%E0%A4%A'])
      isProblem(t, await rawRequest(url, path), undefined, path)
    for (const [method, path] of [
      ['POST', `/videos/${id}`],
      ['DELETE', '/videos'],
      ['PUT', '/status'],
      ['TRACE', '/videos'],
      ['GET', '/uploads'],
    ] as const)
      isProblem(t, await rawRequest(url, path, { method }), undefined, `${method} ${path}`)
  })

  await t.test('queries', async t => {
    for (const [query, field] of Object.entries(BAD_QUERIES))
      isProblem(t, await rawRequest(url, `/videos?${query}`), 400, query.slice(0, 200), field)
    const made = `cursor=${summed('-created_at', '2026-01-31T12:00:00.000Z')}`
    const harmless = [made, 'q=%F0%9F%8E%AC', 'q=%25%5F%27', `q=${'('.repeat(400)}`, 'limit=100', '', '&&']
    for (const query of harmless) t.equal((await rawRequest(url, `/videos?${query}`)).status, 200, query)
    // Not UTF-8: taken as the text that it is not, or refused.
    t.ok((await rawRequest(url, '/videos?q=%ff%fe')).status < 500)
    t.ok((await rawRequest(url, '/videos?q=%zz')).status < 500)
  })

  for (const method of ['PUT', 'PATCH']) {
    await t.test(`${method}: bodies`, async t => {
      for (const [name, { status, field, ...request }] of Object.entries(BAD_CHANGES)) {
        const answer = await rawRequest(url, `/videos/${id}`, { method, ...request })
        if (status === undefined && field === undefined) isProblem(t, answer, undefined, name)
        else isProblem(t, answer, status ?? 400, name, field)
      }
    })
  }

  await t.test('a body that is larger than any of that', async t => {
    const headers = { ...JSON_TYPE, 'content-length': 9_000_000 }
    const { outgoing, answer } = openRequest(url, `/videos/${id}`, { method: 'PUT', headers })
    outgoing.write('{"transcript":"')
    isProblem(t, await answer, 413, 'refused before it is sent')
    outgoing.destroy()
  })

  await t.test('JSON with too many levels, where any value is taken', async t => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    const segment = `{"start":0,"end":0,"text":"\\"[[","words":${deep(50)}}`
    const request = { method: 'PUT', headers: JSON_TYPE, body: `{"segments":[${segment}]}` }
    isProblem(t, await rawRequest(url, `/videos/${id}/transcript`, request), 400, 'a transcript')
  })

  await t.test('JSON that is announced and not sent', async t => {
    const request = { method: 'POST', headers: JSON_TYPE }
    t.equal((await rawRequest(url, '/recordings', request)).status, 201, 'is no body')
  })

  await t.test('forms with more than there is a place for', async t => {
    for (const name of ['video', 'title']) {
      const form = new FormData()
      for (let count = 0; count < 6; count++)
        form.append(name, name === 'video' ? new File(['x'], 'x.mp4') : 'x')
      isProblem(t, await sent(new Request(`${url}/videos`, { method: 'POST', body: form })), 400, name)
    }
  })

  await t.test('a boundary that is longer than any may be', async t => {
    const boundary = 'x'.repeat(500)
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
    for (const path of ['/videos', '/recordings']) {
      const whose =
        path === '/videos' ? path : JSON.parse((await rawRequest(url, path, { method: 'POST' })).text)
      const to = typeof whose === 'string' ? whose : `${path}/${whose.id}/chunks`
      isProblem(t, await rawRequest(url, to, { method: 'POST', headers, body: `--${boundary}` }), 400, to)
    }
  })

  await t.test('a Last-Event-ID that is none of ours', async t => {
    for (const id of ['x'.repeat(1000), '-1', '\u00e9']) {
      const request = { method: 'HEAD', headers: { 'last-event-id': id } }
      t.equal((await rawRequest(url, `/videos/${video.id}/events`, request)).status, 200, id.slice(0, 10))
    }
  })

  await t.test('clients that send all of a body before they look for an answer', async t => {
    const length = 20 * 1024 * 1024
    const chunk = `/recordings/${UNKNOWN}/chunks/0`
    for (const [method, path, status] of [
      ['PUT', `/videos/${id}`, 413],
      ['PUT', chunk, 404],
      ['POST', '/nothing', 413],
      ['PATCH', `/uploads/${UNKNOWN}`, 404],
    ] as const) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
      const answer = await exchange(url, Buffer.concat([Buffer.from(head), Buffer.alloc(length, ' ')]))
      t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), `${method} ${path}: ${answer.slice(0, 100)}`)
    }
  })

  await t.test('what is no HTTP', async t => {
    const lines = [
      'NONSENSE\r\n\r\n',
      'GET /videos HTTP/1.1\r\n\r\n',
      'GET /videos HTTP/1.1\r\nHost: localhost\r\nHost: y\r\nContent-Length: x\r\n\r\n',
      `GET /videos HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      'POST /videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    ]
    for (const line of lines) {
      const answer = await exchange(url, Buffer.from(line))
      t.match(answer, /^HTTP\/1\.1 4\d\d |^$/, line.slice(0, 40))
      // One without a Host is refused by Node itself.
      if (answer && line !== lines[1])
        t.match(answer, /application\/problem\+json[\s\S]*nosniff[\s\S]*"code":"\w+"/i, line.slice(0, 40))
    }
  })

  t.same(await getJson(`${url}/videos/${id}`), video, 'nothing of this has changed anything')
  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed'),
    [],
    'and nothing was an error of the server',
  )
})
