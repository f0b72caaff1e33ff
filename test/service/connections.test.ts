import t from 'tap'
import { readToEnd, statusOf } from '../support/raw-socket.ts'
import { startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'

// What is said by the connection and by the framing of a message (RFC 9112), on every kind of route.

const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const TUS = 'Tus-Resumable: 1.0.0\r\nUpload-Length: 5\r\nContent-Type: application/offset+octet-stream\r\n'
const IETF = 'Upload-Draft-Interop-Version: 8\r\n'
const FORM = 'Origin: http://localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n'

/** Requests, most of which are refused before their body has come. */
const REQUESTS: [line: string, headers: string, body: string, status: number][] = [
  ['POST /uploads', `${IETF}Content-Length: 9000000\r\n`, 'abc', 400],
  [
    'POST /uploads',
    `${IETF}Upload-Complete: ?1\r\nContent-Encoding: gzip\r\nContent-Length: 90\r\n`,
    'a',
    415,
  ],
  ['POST /uploads', `${IETF}Upload-Complete: ?0\r\nUpload-Length: 2\r\nContent-Length: 90\r\n`, 'abc', 400],
  ['POST /uploads', `${IETF}Upload-Complete: ?1\r\nContent-Length: 3\r\n`, 'abc', 201],
  [
    `PATCH /uploads/${UNKNOWN}`,
    `${IETF}Upload-Offset: 0\r\nUpload-Complete: ?0\r\nContent-Length: 90\r\n`,
    'a',
    415,
  ],
  [`HEAD /uploads/${UNKNOWN}`, IETF, '', 404],
  [`DELETE /uploads/${UNKNOWN}`, IETF, '', 404],
  ['OPTIONS /uploads', IETF, '', 200],
  ['POST /uploads', `${TUS}Content-Length: 90\r\n`, 'abc', 413],
  ['POST /uploads', 'Content-Length: 9000000\r\n', 'abc', 412],
  [`PATCH /uploads/${UNKNOWN}`, `${TUS}Upload-Offset: 0\r\nContent-Length: 90\r\n`, 'abc', 404],
  [`PATCH /uploads/${UNKNOWN}`, 'Content-Length: 9000000\r\n', 'abc', 404],
  ['POST /videos', 'Content-Type: video/mp4\r\nContent-Length: 9000000\r\n', 'abc', 415],
  [
    'POST /videos',
    `${FORM}Content-Length: 9000\r\n`,
    '--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nabc',
    400,
  ],
  [`PUT /recordings/${UNKNOWN}/chunks/0`, 'Content-Length: 9000000\r\n', 'abc', 404],
  [`PUT /recordings/${UNKNOWN}/chunks/0`, 'Content-Length: 900000000\r\n', 'abc', 413],
  [`PATCH /videos/${UNKNOWN}`, 'Content-Type: application/json\r\nContent-Length: 90000000\r\n', '{', 413],
  ['POST /nothing', 'Content-Length: 9000000\r\n', 'abc', 404],
  ['POST /%zz', 'Content-Length: 9000000\r\n', 'abc', 400],
  ['GET /videos', '', '', 200],
  ['GET /', '', '', 200],
]

const CODINGS: [coding: string, status: number][] = [
  ['gzip, chunked', 501],
  ['Gzip, Chunked', 501],
  ['gzip\r\nTransfer-Encoding: chunked', 501],
  ['identity, chunked', 501],
  ['x-unknown;a="b,c", chunked', 501],
  ['gzip', 501],
  ['identity', 501],
  ['chunked, gzip', 501],
  ['chunked, identity', 501],
  ['xchunked', 501],
  [',chunked', 501],
  ['', 400],
  ['chunked\r\nContent-Length: 5', 400],
  ['gzip, chunked\r\nContent-Length: 5', 400],
  ['identity\r\nContent-Length: 5', 400],
]

const HOSTS: [lines: string, status: number][] = [
  ['Host: localhost', 200],
  ['Host: LOCALHOST:3000', 200],
  ['Host: 127.0.0.1:', 200],
  ['Host: [::1]:3000', 200],
  ['', 400],
  ['Host:', 400],
  ['Host: localhost\r\nHost: localhost', 400],
  ['Host: localhost\r\nhost: other', 400],
  ['Host: local host', 400],
  ['Host: localhost, localhost', 400],
  ['Host: localhost/x', 400],
  ['Host: user@localhost', 400],
  ['Host: localhost:x', 400],
  ['Host: localhost:99999', 400],
  ['Host: [::1', 400],
  ['Host: http://localhost', 400],
  ['Host: "localhost"', 400],
  ['Host: l%zzcalhost', 400],
  ['Host: localhost\x80', 400],
]

t.test('what the connection and the framing say', async t => {
  const service = await startService()
  t.teardown(() => service.stop())

  await t.test('Connection: close is honoured, whatever the answer is', async t => {
    for (const [line, headers, body, status] of REQUESTS)
      for (const [version, connection] of [
        ['1.1', 'Connection: Close\r\n'],
        ['1.0', ''],
      ]) {
        const request = `${line} HTTP/${version}\r\nHost: localhost\r\n${connection}${headers}\r\n${body}`
        const answer = await readToEnd(service.url, request)
        t.equal(statusOf(answer), status, `${line} ${headers} HTTP/${version}`)
        t.match(answer, /\r\nconnection: close\r\n/i)
      }
  })

  await t.test('a transfer coding that is not known: 501, and the connection ends', async t => {
    for (const [coding, status] of CODINGS)
      for (const [line, headers] of [
        ['POST /uploads', TUS],
        ['POST /uploads', `${IETF}Upload-Complete: ?1\r\n`],
        ['POST /videos', FORM],
        [`PUT /recordings/${UNKNOWN}/chunks/0`, ''],
        ['POST /recordings', 'Content-Type: application/json\r\n'],
        ['GET /nothing', ''],
      ]) {
        // What stands behind it is not taken for a request of its own.
        const behind = 'GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n'
        const answer = await readToEnd(
          service.url,
          `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}Transfer-Encoding: ${coding}\r\n\r\n5\r\nhello\r\n0\r\n\r\n${behind}`,
        )
        t.equal(statusOf(answer), status, `${coding}: ${line}`)
        t.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1, 'one answer')
        t.match(answer, /application\/problem\+json/)
      }
    for (const coding of ['chunked', 'CHUNKED', '\tchunked ']) {
      const headers = `${TUS}Transfer-Encoding: ${coding}\r\nConnection: close\r\n`
      const request = `POST /uploads HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n5\r\nhello\r\n0\r\n\r\n`
      t.equal(statusOf(await readToEnd(service.url, request)), 201, coding)
    }
    const old = `POST /uploads HTTP/1.0\r\n${TUS}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
    t.equal(statusOf(await readToEnd(service.url, old)), 400, 'HTTP/1.0 has none')
  })

  await t.test('Host: one that is valid', async t => {
    for (const [lines, status] of HOSTS)
      for (const version of ['1.1', '1.0']) {
        const request = `GET /health/live HTTP/${version}\r\n${lines && `${lines}\r\n`}Connection: close\r\n\r\n`
        const expected = version === '1.0' && lines === '' ? 200 : status
        const answer = await readToEnd(service.url, request)
        t.equal(statusOf(answer), expected, `${lines} HTTP/${version}`)
        if (expected === 400) t.match(answer, /"field":"host"/)
      }
  })

  t.equal((await new TusWire(service.url).send('OPTIONS', '/uploads')).status, 200, 'it is still well')
})
