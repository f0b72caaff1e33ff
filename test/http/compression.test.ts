import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import Fastify, { type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { compressResponses } from '../../src/http/compression.ts'
import { isNotModified } from '../../src/http/conditional.ts'

const LONG = 'Was in the list, and is again. '.repeat(100)

const app = Fastify()
compressResponses(app)
app.get('/json', async (request, reply) => {
  const etag = '"7"'
  reply.header('etag', etag).header('vary', 'Origin')
  return isNotModified(request.headers, { etag }) ? reply.code(304).send() : { text: LONG }
})
app.get('/small', async () => ({ text: 'short' }))
app.get('/secret', { config: { access: 'public', hasSecret: true } }, async () => ({ text: LONG }))
app.get<{ Querystring: { type: string } }>('/as', (request, reply) =>
  reply.header('content-type', request.query.type).send(LONG),
)
app.get('/part', (_request, reply) =>
  reply.code(206).headers({ 'content-type': 'text/vtt', 'content-range': 'bytes 0-9/3000' }).send(LONG),
)
app.get('/coded', (_request, reply) =>
  reply.headers({ 'content-type': 'text/css', 'content-encoding': 'zstd' }).send(Buffer.from(LONG)),
)
app.get('/stream', (_request, reply) =>
  reply.headers({ 'content-type': 'text/javascript', etag: 'W/"s"' }).send(Readable.from([LONG, LONG])),
)
const text = 'x'.repeat(5_000_000)
app.get('/large', async () => ({ text: randomBytes(1_500_000).toString('base64') + text }))
t.teardown(() => app.close())

const get = (
  url: string,
  accepted?: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'HEAD' = 'GET',
) =>
  app.inject({
    method,
    url,
    headers: { ...headers, ...(accepted !== undefined && { 'accept-encoding': accepted }) },
  })
const codingOf = ({ headers }: LightMyRequestResponse) => headers['content-encoding'] ?? 'identity'
const decoded = (answer: LightMyRequestResponse) => {
  const decode = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body }
  return decode[codingOf(answer) as 'br'](answer.rawPayload).toString()
}

t.test('the coding is the one that the client wants most (RFC 9110 §12.5.3)', async t => {
  const cases: [accepted: string | undefined, coding: string][] = [
    [undefined, 'identity'],
    ['', 'identity'],
    ['identity', 'identity'],
    ['deflate', 'identity'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1.0, br;q=0.9', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.000,gzip;q=0', 'identity'],
    ['br; q=0.5 , gzip ; Q=0.8', 'gzip'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['br;q=0, *', 'gzip'],
    ['gzip;q=0.5, *;q=0.1', 'gzip'],
    ['identity;q=1, gzip;q=0.5', 'identity'],
    ['identity;q=0.5, gzip', 'gzip'],
    ['identity;q=0', 'identity'],
    ['gzip;q=2', 'identity'],
    ['gzip;q=x, br', 'br'],
    [', ,br,', 'br'],
  ]
  for (const [accepted, coding] of cases) {
    const answer = await get('/json', accepted)
    t.equal(codingOf(answer), coding, accepted ?? 'no header')
    t.equal(JSON.parse(decoded(answer)).text, LONG)
    t.equal(answer.headers['vary'], 'Origin, Accept-Encoding')
    t.equal(answer.headers['content-length'], String(answer.rawPayload.length))
  }
  t.equal(codingOf(await get('/small', 'br, gzip')), 'identity', 'it would gain nothing')
  t.equal(codingOf(await get('/small', 'gzip, identity;q=0')), 'gzip', 'as it is, it is not wanted')
  t.equal(codingOf(await get('/small', 'gzip, *;q=0')), 'gzip')
})

t.test('text is compressed; media, parts, streams of events and secrets are not', async t => {
  for (const type of [
    ...['application/json', 'application/problem+json; charset=utf-8', 'text/vtt', 'text/plain', 'text/html'],
    ...['text/css', 'text/javascript', 'application/javascript', 'image/svg+xml', 'application/x-subrip'],
    'application/x-yaml',
  ])
    t.equal(codingOf(await get(`/as?type=${encodeURIComponent(type)}`, 'br')), 'br', type)
  for (const type of [
    ...[
      'video/mp4',
      'audio/mpeg',
      'image/jpeg',
      'image/png',
      'application/octet-stream',
      'text/event-stream',
    ],
    ...['multipart/byteranges; boundary=x', 'font/woff2', 'application/zip'],
  ])
    t.equal(codingOf(await get(`/as?type=${encodeURIComponent(type)}`, 'br')), 'identity', type)
  t.equal(codingOf(await get('/part', 'br')), 'identity')
  t.equal(codingOf(await get('/coded', 'br')), 'zstd')
  t.equal(codingOf(await get('/secret', 'br')), 'identity')
})

t.test('each coding has a tag of its own, and conditions hold for all of them', async t => {
  const tags: string[] = []
  for (const coding of ['identity', 'br', 'gzip']) {
    const { headers } = await get('/json', coding)
    const tag = String(headers['etag'])
    tags.push(tag)
    const same = await get('/json', coding, { 'if-none-match': `"6", ${tag}` })
    t.match(same, { statusCode: 304, body: '' }, coding)
    t.equal(same.headers['etag'], tag, 'the tag that the client has')
    t.equal(same.headers['vary'], 'Origin, Accept-Encoding')
    t.equal((await get('/json', coding, { 'if-match': tag })).statusCode, 200)
    t.equal((await get('/json', 'identity', { 'if-match': tag })).statusCode, 200)
    t.equal((await get('/json', coding, { 'if-none-match': `W/${tag}` })).statusCode, 304)
    const head = await get('/json', coding, {}, 'HEAD')
    t.match(head.headers, { etag: tag, 'content-length': headers['content-length'] }, 'HEAD says the same')
  }
  t.same(tags, ['"7"', '"7-br"', '"7-gzip"'])
  t.equal((await get('/json', 'br', { 'if-match': '"6-br"' })).statusCode, 412)
  t.equal((await get('/json', 'br', { 'if-none-match': '"6-br"' })).statusCode, 200)
})

t.test('streams are compressed as they come', async t => {
  const answer = await get('/stream', 'gzip')
  t.equal(decoded(answer), LONG + LONG)
  t.equal(answer.headers['etag'], 'W/"s-gzip"')
  t.match((await get('/stream', 'gzip', {}, 'HEAD')).headers, { 'content-encoding': 'gzip' })
})

t.test('a large answer does not hold up others', async t => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const answer = await get('/large', 'br')
  clearInterval(timer)
  t.equal(codingOf(answer), 'br')
  t.ok(turns > 3, `the event loop turned ${turns} times meanwhile`)
  t.equal(JSON.parse(decoded(answer)).text.length, 7_000_000)
})
