import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import { type Media, sendMedia, sendText } from '../../src/http/media-response.ts'
import { setErrorHandlers } from '../../src/http/problem.ts'
import { openRequest, type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { diskStorage } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const SIZE = 300_000
const BYTES = randomBytes(SIZE)
const HASH = createHash('sha256').update(BYTES).digest('hex')
const TAG = `"${HASH}"`
const MODIFIED = new Date('2025-06-01T12:30:45.678Z')
/** The second of `MODIFIED`, those around it, and the same in the two old forms (RFC 9110 §5.6.7). */
const DATE = 'Sun, 01 Jun 2025 12:30:45 GMT'
const BEFORE = 'Sun, 01 Jun 2025 12:30:44 GMT'
const AFTER = 'Sun, 01 Jun 2025 12:30:46 GMT'
const OLD_DATES = ['Sunday, 01-Jun-25 12:30:45 GMT', 'Sun Jun  1 12:30:45 2025']
const NO_DATES = [
  'nonsense',
  '2025-06-01',
  '1748781045',
  'Sun, 01 Jun 2025 12:30:45 +0000',
  '',
  '0',
  DATE.toLowerCase(),
]

type Headers = Record<string, string>

const storage = diskStorage(throwAwayDirectory('media')).objects
await storage.write('uploads/a', Readable.from([BYTES]))
await storage.write('uploads/empty', Readable.from([]))
const media: Media = {
  storage,
  key: 'uploads/a',
  sha256: HASH,
  contentType: 'video/mp4',
  disposition: 'inline',
  filename: 'a.mp4',
  lastModified: MODIFIED,
}
const app = Fastify()
setErrorHandlers(app)
const serve = (path: string, changes: Partial<Media>) =>
  app.get(path, (request, reply) => sendMedia(request, reply, { ...media, ...changes }))
serve('/a', {})
serve('/stored', { accelRedirect: '/below' })
serve('/empty', { key: 'uploads/empty', sha256: null })
serve('/now', { lastModified: new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000) })
app.get<{ Querystring: { type: string; name: string } }>('/as', (request, reply) =>
  sendMedia(request, reply, { ...media, contentType: request.query.type, filename: request.query.name }),
)
app.get('/text', (request, reply) =>
  sendText(request, reply, {
    text: 'WEBVTT\n\nÄpfel',
    contentType: 'text/vtt; charset=utf-8',
    disposition: 'inline',
    filename: 'captions.vtt',
    lastModified: MODIFIED,
  }),
)
await app.listen({ port: 0, host: '127.0.0.1' })
t.teardown(() => app.close())
const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
const ask = (headers: Headers = {}, path = '/a') => rawRequest(origin, path, { headers })
const head = (headers: Headers = {}, path = '/a') => rawRequest(origin, path, { method: 'HEAD', headers })

t.test('the table of conditions, RFC 9110 §13.1 and §13.2.2', async t => {
  const range = 'bytes=0-9'
  const cases: [what: string, headers: Headers, status: number][] = [
    ['nothing', {}, 200],
    ['If-Match: *', { 'if-match': '*' }, 200],
    ['If-Match: it', { 'if-match': TAG }, 200],
    ['If-Match: one of a list', { 'if-match': `"a, b" ,${TAG}, W/"c"` }, 200],
    ['If-Match: another', { 'if-match': '"other"' }, 412],
    ['If-Match compares strongly', { 'if-match': `W/${TAG}` }, 412],
    ['If-Match: not a tag', { 'if-match': HASH }, 412],
    ['If-Match decides, not If-Unmodified-Since', { 'if-match': TAG, 'if-unmodified-since': BEFORE }, 200],
    ['If-Match comes before If-None-Match', { 'if-match': '"other"', 'if-none-match': TAG }, 412],
    ['both hold or not', { 'if-match': TAG, 'if-none-match': TAG }, 304],
    ['If-Unmodified-Since: the same second', { 'if-unmodified-since': DATE }, 200],
    ['If-Unmodified-Since: later', { 'if-unmodified-since': AFTER }, 200],
    ['If-Unmodified-Since: before', { 'if-unmodified-since': BEFORE }, 412],
    ['If-None-Match: *', { 'if-none-match': '*' }, 304],
    ['If-None-Match: it', { 'if-none-match': TAG }, 304],
    ['If-None-Match compares weakly', { 'if-none-match': `W/${TAG}` }, 304],
    ['If-None-Match: in a list', { 'if-none-match': `"x",W/"y" , ${TAG}` }, 304],
    ['If-None-Match: another', { 'if-none-match': '"other"' }, 200],
    ['If-None-Match: a part of a tag', { 'if-none-match': `"x${TAG}` }, 200],
    [
      'If-None-Match decides, not If-Modified-Since',
      { 'if-none-match': '"x"', 'if-modified-since': AFTER },
      200,
    ],
    ['If-None-Match decides, the other way', { 'if-none-match': TAG, 'if-modified-since': BEFORE }, 304],
    ['If-Modified-Since: the same second', { 'if-modified-since': DATE }, 304],
    ['If-Modified-Since: later', { 'if-modified-since': AFTER }, 304],
    ['If-Modified-Since: before', { 'if-modified-since': BEFORE }, 200],
    ['304 comes before a range', { 'if-none-match': TAG, range }, 304],
    ['412 comes before a range', { 'if-match': '"x"', range }, 412],
    ['and a range after conditions that hold', { 'if-match': TAG, 'if-none-match': '"x"', range }, 206],
    ['If-Range: it', { 'if-range': TAG, range }, 206],
    ['If-Range: another', { 'if-range': '"x"', range }, 200],
    ['If-Range compares strongly', { 'if-range': `W/${TAG}`, range }, 200],
    ['If-Range takes one tag', { 'if-range': `${TAG}, "x"`, range }, 200],
    ['If-Range: its date', { 'if-range': DATE, range }, 206],
    ['If-Range: a date before', { 'if-range': BEFORE, range }, 200],
    ['If-Range: a date later, which is not its', { 'if-range': AFTER, range }, 200],
    ['If-Range without a range', { 'if-range': TAG }, 200],
    ['If-Range that fails, with a range behind the end', { 'if-range': '"x"', range: 'bytes=999999-' }, 200],
    ...OLD_DATES.flatMap((date): [string, Headers, number][] => [
      [date, { 'if-modified-since': date }, 304],
      [date, { 'if-unmodified-since': date }, 200],
      [date, { 'if-range': date, range }, 206],
    ]),
    ...NO_DATES.flatMap((date): [string, Headers, number][] => [
      [`ignored: ${date}`, { 'if-modified-since': date }, 200],
      [`ignored: ${date}`, { 'if-unmodified-since': date }, 200],
      [`never true: ${date}`, { 'if-range': date, range }, 200],
    ]),
  ]
  for (const [what, headers, status] of cases) {
    const answer = await ask(headers)
    t.equal(answer.status, status, what)
    const same = await head(headers)
    t.equal(same.status, status, `HEAD: ${what}`)
    t.equal(same.body.length, 0)
    t.equal(answer.headers.etag, TAG, what)
    if (status === 304) {
      t.equal(answer.body.length, 0)
      t.equal(answer.headers['last-modified'], DATE)
      t.equal(answer.headers['cache-control'], 'private, no-cache')
      t.equal(answer.headers['content-type'], undefined)
    } else if (status === 412) t.match(JSON.parse(answer.text), { status: 412, code: 'precondition_failed' })
    else {
      t.ok(answer.body.equals(status === 206 ? BYTES.subarray(0, 10) : BYTES), what)
      for (const name of ['content-length', 'content-range', 'content-type', 'accept-ranges'])
        t.equal(same.headers[name], answer.headers[name], `HEAD: ${what}: ${name}`)
    }
  }
  const young = await ask({}, '/now')
  t.equal(
    (await ask({ 'if-range': young.headers['last-modified']!, range }, '/now')).status,
    200,
    'a date is no strong validator while its second is not over',
  )
})

t.test('the table of ranges, RFC 9110 §14.1.2', async t => {
  const last = SIZE - 1
  const one: Record<string, [start: number, end: number]> = {
    'bytes=0-1': [0, 1],
    'bytes=0-0': [0, 0],
    'bytes=-1': [last, last],
    'bytes=500-999': [500, 999],
    'BYTES=500-999': [500, 999],
    'bytes=9500-': [9500, last],
    'bytes=-500': [SIZE - 500, last],
    'bytes=0-': [0, last],
    [`bytes=${last}-`]: [last, last],
    [`bytes=0-${'9'.repeat(40)}`]: [0, last],
    [`bytes=-${'9'.repeat(40)}`]: [0, last],
    'bytes= 5-6 ': [5, 6],
    'bytes=,, 5-6 ,': [5, 6],
    'bytes=000005-0000006': [5, 6],
    'bytes=5-6,900000-': [5, 6],
    'bytes=0-99,50-149': [0, 149],
    'bytes=100-199,0-99': [0, 199],
    'bytes=0-9,30-39': [0, 39],
    'bytes=0-,5-6,-1': [0, last],
  }
  for (const [range, [start, end]] of Object.entries(one)) {
    const { status, headers, body } = await ask({ range })
    t.equal(status, 206, range)
    t.equal(headers['content-range'], `bytes ${start}-${end}/${SIZE}`, range)
    t.equal(headers['content-length'], String(end - start + 1))
    t.equal(headers['content-type'], 'video/mp4')
    t.ok(body.equals(BYTES.subarray(start, end + 1)), range)
    t.match(await head({ range }), { status: 206, headers: { 'content-range': headers['content-range'] } })
  }
  // biome-ignore format: a list
  const ignored = [
    'bytes=', 'bytes=-', 'bytes=,', 'bytes', 'bytes=a-b', 'bytes=1', 'bytes=9-5', 'bytes=0-1,9-5', 'bytes=0-1,x', 'bytes=--5', 'bytes=1-2-3',
    'bytes=0x0-0x1', 'bytes=1.5-2', 'bytes=+1-2', 'bytes=0 - 5', 'bytes:0-1', 'items=0-1', 'none', '', ' ',
    `bytes=${Array.from({ length: 51 }, (_, n) => `${n * 200}-${n * 200 + 1}`).join()}`,
  ]
  for (const range of ignored) {
    const { status, body, headers } = await ask({ range })
    t.equal(status, 200, `ignored: ${range.slice(0, 30)}`)
    t.ok(body.equals(BYTES))
    t.equal(headers['content-range'], undefined)
  }
  for (const range of [
    `bytes=${SIZE}-`,
    'bytes=999999-9999999',
    'bytes=-0',
    'bytes=-0,400000-',
    `bytes=${'9'.repeat(40)}-`,
  ]) {
    const answer = await ask({ range })
    t.equal(answer.status, 416, range)
    t.equal(answer.headers['content-range'], `bytes */${SIZE}`)
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    t.match(JSON.parse(answer.text), { status: 416, code: 'range_not_satisfiable' })
    t.match(await head({ range }), { status: 416, headers: { 'content-range': `bytes */${SIZE}` } })
  }
  t.match(await ask({}, '/empty'), { status: 200, headers: { 'content-length': '0' } })
  t.match(await ask({ range: 'bytes=0-' }, '/empty'), {
    status: 416,
    headers: { 'content-range': 'bytes */0' },
  })
})

/** What a multipart/byteranges body consists of (RFC 9110 §14.6). */
function partsOf({ headers, body }: RawAnswer): { range: string; type: string; bytes: Buffer }[] {
  const boundary = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(headers['content-type']!)![1]!
  const text = body.toString('latin1')
  const [preamble, ...parts] = text.split(`\r\n--${boundary}`)
  if (preamble !== '' || parts.pop() !== '--\r\n') throw new Error('not ended as it has to be')
  return parts.map(part => {
    const [, fields, bytes] = /^\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(part)!
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(fields!)![1]!
    return {
      range: field('content-range'),
      type: field('content-type'),
      bytes: Buffer.from(bytes!, 'latin1'),
    }
  })
}

t.test('several ranges come as parts, in their order, never one byte twice', async t => {
  const many = Array.from({ length: 50 }, (_, n) => [n * 5000, n * 5000 + 999] as const)
  const cases: [range: string, expected: (readonly [number, number])[]][] = [
    [
      'bytes=0-9,1000-1009',
      [
        [0, 9],
        [1000, 1009],
      ],
    ],
    [
      'bytes=1000-1009,0-9',
      [
        [0, 9],
        [1000, 1009],
      ],
    ],
    [
      'bytes=0-0,-1',
      [
        [0, 0],
        [SIZE - 1, SIZE - 1],
      ],
    ],
    [
      'bytes=0-9,5000-5999,5500-6500,900000-',
      [
        [0, 9],
        [5000, 6500],
      ],
    ],
    [
      'bytes=0-99999,200000-',
      [
        [0, 99_999],
        [200_000, SIZE - 1],
      ],
    ],
    [`bytes=${many.map(range => range.join('-')).join(', ')}`, many],
  ]
  for (const [range, expected] of cases) {
    const answer = await ask({ range })
    t.equal(answer.status, 206)
    t.equal(answer.headers['content-range'], undefined, 'which stands in the parts')
    t.equal(answer.headers['content-length'], String(answer.body.length))
    t.same(
      partsOf(answer).map(({ range, type }) => [range, type]),
      expected.map(([start, end]) => [`bytes ${start}-${end}/${SIZE}`, 'video/mp4']),
      range.slice(0, 50),
    )
    for (const [index, { bytes }] of partsOf(answer).entries())
      t.ok(bytes.equals(BYTES.subarray(expected[index]![0], expected[index]![1] + 1)))
    const same = await head({ range })
    t.match(same, { status: 206, headers: { 'content-length': answer.headers['content-length'] } })
    t.equal(same.body.length, 0)
  }
})

/** RFC 6266 §4.1 with a token or a quoted string, and RFC 8187 §3.2.1. */
const DISPOSITION =
  /^inline; filename=(?:([\w.!#$&+^`|~%*'-]+)|"((?:[^"\\]|\\.)*)")(?:; filename\*=UTF-8''([\w.!#$&+^`|~%-]+))?$/

t.test('nothing that could run is shown, and names are names (RFC 6266, RFC 8187)', async t => {
  const shown = async (type: string, name = 'a') => {
    const { headers } = await head({}, `/as?${new URLSearchParams({ type, name })}`)
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.equal(headers['content-security-policy'], "default-src 'none'; sandbox")
    return headers['content-disposition']!
  }
  for (const type of ['video/mp4', 'video/webm', 'audio/mpeg', 'image/jpeg', 'text/vtt'])
    t.match(await shown(type), /^inline; /, type)
  // biome-ignore format: a list
  for (const type of [
    'text/html', 'TEXT/HTML', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'application/pdf',
    'application/octet-stream', 'text/javascript', 'application/x-shockwave-flash', 'video/mp4, text/html', 'video/', 'multipart/x-mixed-replace',
  ])
    t.match(await shown(type), /^attachment; /, type)
  const name = async (name: string) => {
    const field = await shown('video/mp4', name)
    const [, token, quoted, extended] = DISPOSITION.exec(field) ?? []
    t.ok(token ?? quoted, `of the form: ${field}`)
    t.ok(field.length < 3000)
    return extended ? decodeURIComponent(extended) : (token ?? quoted!.replace(/\\(.)/g, '$1'))
  }
  t.equal(await name('Größe €.mp4'), 'Größe €.mp4')
  t.equal(await name('🎬 世界 שלום.mp4'), '🎬 世界 שלום.mp4')
  t.equal(await name('say "hi"; filename=x.html\\'), 'say "hi"; filename=x.html_')
  t.equal(await name('../../etc/passwd'), '.._.._etc_passwd')
  t.equal(
    await name("it's 100%25 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}"),
    "it's 100%25 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}",
  )
  t.equal(await name('film\u202e4pm.exe'), 'film4pm.exe', 'nothing that turns the text around')
  t.equal(await name('a\r\nSet-Cookie: x=1'), 'a__Set-Cookie: x=1')
  t.equal([...(await name(`${'🎬'.repeat(500)}.mp4`))].length, 204, 'not without end')
})

t.test('a text is served like a file', async t => {
  const whole = await ask({}, '/text')
  t.equal(whole.text, 'WEBVTT\n\nÄpfel')
  t.match(whole.headers, {
    'content-type': 'text/vtt; charset=utf-8',
    'content-length': '14',
    'accept-ranges': 'bytes',
  })
  const etag = whole.headers.etag!
  t.match(await ask({ range: 'bytes=8-9', 'if-range': etag }, '/text'), { status: 206, text: 'Ä' })
  t.equal((await ask({ 'if-none-match': etag }, '/text')).status, 304)
  t.match(await head({}, '/text'), { status: 200, headers: { 'content-length': '14', etag } })
})

t.test('what is asked for and not waited for leaves no file open', async t => {
  const open = () => readdirSync('/proc/self/fd').length
  await ask()
  const before = open()
  for (let round = 0; round < 40; round++) {
    const asked = Array.from({ length: 25 }, (_, n) => {
      const range = n % 2 ? `bytes=${n}-` : `bytes=${n}-99999,150000-${SIZE}`
      const { outgoing, answer } = openRequest(origin, '/a', { headers: { range } })
      outgoing.end()
      // At once, when its answer begins, or when its first bytes have come.
      if (n % 3 === 0) setImmediate(() => outgoing.destroy())
      else if (n % 3 === 1) outgoing.on('response', () => outgoing.destroy())
      else outgoing.on('response', response => response.once('data', () => outgoing.destroy()))
      return answer.catch(() => {})
    })
    await Promise.all(asked)
  }
  await until(() => open() <= before)
  t.equal((await ask({ range: 'bytes=0-1' })).status, 206)
})

t.test('what nginx sends', async t => {
  for (const answer of [
    await ask({}, '/stored'),
    await ask({ range: 'bytes=0-9' }, '/stored'),
    await head({}, '/stored'),
  ]) {
    t.match(answer, {
      status: 200,
      headers: { 'x-accel-redirect': '/below/uploads/a', etag: TAG, 'content-type': 'video/mp4' },
    })
    t.equal(answer.text, '')
  }
  t.match(await ask({ 'if-none-match': TAG }, '/stored'), {
    status: 304,
    headers: { 'x-accel-redirect': undefined },
  })
  t.equal((await ask({ range: `bytes=${SIZE}-` }, '/stored')).status, 416)
  const held = await ask({ 'if-match': TAG, range: 'bytes=0-9' }, '/stored')
  t.match(held, { status: 206, headers: { 'x-accel-redirect': undefined, 'content-length': '10' } })
})
