import { readdirSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { type RawRequest, rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { uploadId } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'

const MAX = 1_000_000
const TUS = { 'tus-resumable': '1.0.0' }
const OCTETS = { 'content-type': 'application/offset+octet-stream' }
const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'

/** Headers of creations that are refused, on top of `Upload-Length: 10` and the version; and the status, where it matters. */
const BAD_CREATIONS: Record<string, { headers: OutgoingHttpHeaders; status?: number }> = {
  'a length in scientific notation': { headers: { 'upload-length': '1e+21' }, status: 400 },
  'a negative length': { headers: { 'upload-length': '-1' }, status: 400 },
  'a length in hex': { headers: { 'upload-length': '0x10' }, status: 400 },
  'an empty length': { headers: { 'upload-length': '' }, status: 400 },
  'a length with a fraction': { headers: { 'upload-length': '1.5' }, status: 400 },
  'two lengths': { headers: { 'upload-length': ['1', '2'] }, status: 400 },
  'a length beyond 2^53': { headers: { 'upload-length': '99999999999999999999' } },
  'more than may be': { headers: { 'upload-length': `${MAX + 1}` }, status: 413 },
  'no length': { headers: { 'upload-length': undefined }, status: 400 },
  'a length now and later': { headers: { 'upload-defer-length': '1' }, status: 400 },
  'a deferral that is none': {
    headers: { 'upload-length': undefined, 'upload-defer-length': '2' },
    status: 400,
  },
  'no version': { headers: { 'tus-resumable': undefined }, status: 412 },
  'another version': { headers: { 'tus-resumable': '0.2.2' } },
  'a concatenation of another kind': { headers: { 'upload-concat': 'partially' }, status: 400 },
}

const BAD_PATHS = [
  '/uploads/..%2f..%2fetc',
  '/uploads/..%2f..%2fetc%2fpasswd',
  '/uploads/%2e%2e%2f%2e%2e%2fdatabase',
  `/uploads/${UNKNOWN}.json`,
  `/uploads/..%2fuploads%2f${UNKNOWN}`,
  '/uploads/%00',
  '/uploads/%zz',
  `/uploads/${UNKNOWN}%00`,
  '/uploads/database',
  '/uploads/lock.sqlite',
  `/uploads/${'x'.repeat(3000)}`,
  `/uploads/${UNKNOWN}`,
]

await flavours(t, async (t, { env }) => {
  const service = await startService({ env: { ...env, MAX_UPLOAD_SIZE: `${MAX}` } })
  t.teardown(() => service.stop())
  const send = (path: string, options: RawRequest) => rawRequest(service.url, path, options)
  const stored = () => readdirSync(join(service.dataDir, 'uploads')).sort()
  const create = async (headers: OutgoingHttpHeaders = { 'upload-length': 10 }) => {
    const answer = await send('/uploads', { method: 'POST', headers: { ...TUS, ...headers } })
    t.equal(answer.status, 201, answer.text)
    return answer.headers.location!
  }
  const patch = (path: string, headers: OutgoingHttpHeaders, body: string) =>
    send(path, { method: 'PATCH', headers: { ...TUS, ...OCTETS, ...headers }, body })

  await create()
  for (const [name, { headers, status }] of Object.entries(BAD_CREATIONS)) {
    await t.test(`refuses ${name}`, async t => {
      const before = stored()
      const given = Object.entries({ 'upload-length': '10', ...TUS, ...headers })
      const answer = await send('/uploads', {
        method: 'POST',
        headers: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      })
      if (status) t.equal(answer.status, status, answer.text)
      else t.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`)
      t.same(stored(), before)
    })
  }

  await t.test('refuses ids that are none, whatever is asked of them', async t => {
    const before = stored()
    for (const path of BAD_PATHS) {
      const answers = {
        HEAD: await send(path, { method: 'HEAD', headers: TUS }),
        PATCH: await patch(path, { 'upload-offset': 0 }, 'x'),
        DELETE: await send(path, { method: 'DELETE', headers: TUS }),
        GET: await send(path, {}),
      }
      for (const [method, { status }] of Object.entries(answers))
        t.ok(status >= 400 && status < 500, `${method} ${path.slice(0, 60)}: ${status}`)
      if (path.endsWith(UNKNOWN)) t.equal(answers.HEAD.status, 404)
    }
    t.same(stored(), before)
  })

  await t.test('refuses bytes that do not fit', async t => {
    const path = await create()
    t.equal((await patch(path, { 'upload-offset': 5 }, 'x')).status, 409)
    for (const offset of ['-1', '1e1', '', '0x0', '99999999999999999999'])
      t.ok(
        [400, 403, 409].includes((await patch(path, { 'upload-offset': offset }, 'x')).status),
        `offset ${offset}`,
      )
    const noOffset = await send(path, { method: 'PATCH', headers: { ...TUS, ...OCTETS }, body: 'x' })
    t.ok(noOffset.status >= 400 && noOffset.status < 500, `no offset: ${noOffset.status}`)
    const type = { 'content-type': 'text/plain' }
    t.ok([400, 415].includes((await patch(path, { 'upload-offset': 0, ...type }, 'x')).status))
    const tooMany = await patch(path, { 'upload-offset': 0 }, 'x'.repeat(11))
    t.ok([400, 413].includes(tooMany.status), `more than were announced: ${tooMany.status}`)
    t.equal((await patch(path, { 'upload-offset': 0, 'upload-length': 20 }, 'x')).status, 400)
    const head = await send(path, { method: 'HEAD', headers: TUS })
    t.equal(head.headers['upload-length'], '10')
    t.match(await getJson(`${service.url}/videos/${uploadId(path)}`), { status: 'uploading' })
  })

  await t.test('a length that is told later', async t => {
    const path = await create({ 'upload-defer-length': 1 })
    t.equal((await patch(path, { 'upload-offset': 0 }, 'x'.repeat(10))).status, 204)
    const head = await send(path, { method: 'HEAD', headers: TUS })
    t.equal(head.headers['upload-defer-length'], '1')
    t.equal(head.headers['upload-length'], undefined)
    for (const length of [9, MAX + 1, '1e1']) {
      const { status } = await patch(path, { 'upload-offset': 10, 'upload-length': length }, '')
      t.ok([400, 413].includes(status), `${length} is refused: ${status}`)
    }
    t.match(await getJson(`${service.url}/videos/${uploadId(path)}`), { status: 'uploading' })
    const last = await patch(path, { 'upload-offset': 10, 'upload-length': 10 }, '')
    t.equal(last.status, 204, last.text)
    t.equal(last.headers['upload-offset'], '10')
    t.equal((await fetch(`${service.url}/videos/${uploadId(path)}`)).status, 200)
  })

  await t.test('without a length no more is taken than may be', async t => {
    const path = await create({ 'upload-defer-length': 1 })
    const { status } = await patch(path, { 'upload-offset': 0 }, 'x'.repeat(MAX + 1))
    t.equal(status, 413)
    const head = await send(path, { method: 'HEAD', headers: TUS })
    t.ok(Number(head.headers['upload-offset']) <= MAX)
  })

  await t.test('what a proxy says of itself does no harm', async t => {
    const forwarded = {
      'x-forwarded-proto': 'https,http',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-for': '1.2.3.4, 5.6.7.8',
      forwarded: 'proto=https;host=evil.example',
    }
    const path = await create({ 'upload-length': 10, ...forwarded })
    t.match(path, /^\/uploads\/[0-9a-f-]{36}$/, 'relative, whoever is asked')
    t.equal((await send(path, { method: 'HEAD', headers: { ...TUS, ...forwarded } })).status, 200)
    const last = await patch(path, { 'upload-offset': 0, ...forwarded }, '0123456789')
    t.equal(last.status, 204)
  })

  await t.test('OPTIONS tells what there is', async t => {
    for (const path of ['/uploads', '/uploads/', `/uploads/${UNKNOWN}`]) {
      const { status, headers } = await send(path, { method: 'OPTIONS' })
      t.equal(status, 200)
      t.equal(headers['tus-version'], '1.0.0')
      t.equal(headers['tus-max-size'], `${MAX}`)
      const extensions = [
        'checksum',
        'checksum-trailer',
        'concatenation',
        'concatenation-unfinished',
        'creation',
        'creation-with-upload',
        'creation-defer-length',
        'termination',
        'expiration',
      ]
      t.same(String(headers['tus-extension']).split(',').sort(), extensions.sort())
    }
  })

  await t.test(
    'bytes count that come along with the header and are followed by the end of the connection',
    async t => {
      const { hostname, port } = new URL(service.url)
      for (const end of ['end', 'resetAndDestroy'] as const) {
        for (const size of [1000, 60_000]) {
          const path = await create({ 'upload-length': size })
          const socket = connect(Number(port), hostname).on('error', () => {})
          const head = [
            `PATCH ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0`,
            `Content-Type: application/offset+octet-stream\r\nContent-Length: ${size}\r\n\r\n`,
          ]
          const all = `${head.join('\r\n')}${'x'.repeat(size)}`
          await new Promise<void>(resolve => socket.write(all, () => resolve()))
          socket[end]()
          const offset = () =>
            send(path, { method: 'HEAD', headers: TUS }).then(({ headers }) => headers['upload-offset'])
          // A reset takes with it what the server has not read.
          if (end === 'resetAndDestroy') t.ok(Number(await offset()) <= size)
          else await t.resolves(until(async () => (await offset()) === `${size}`))
        }
      }
    },
  )

  await t.test(
    'requests that come at once on one connection are carried out one after the other',
    async t => {
      const { hostname, port } = new URL(service.url)
      const path = await create({ 'upload-length': 12 })
      const one = (offset: number, body: string) =>
        [
          `PATCH ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: ${offset}`,
          `Content-Type: application/offset+octet-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ].join('\r\n')
      const socket = connect(Number(port), hostname)
      let got = ''
      socket.on('data', chunk => {
        got += chunk
      })
      socket.write(one(0, 'abcd') + one(4, 'efgh') + one(8, 'ijkl'))
      const answers = () =>
        [...got.matchAll(/^HTTP\/1\.1 (\d+)|^upload-offset: (\d+)/gim)].map(([, a, b]) => a ?? b)
      await until(() => answers().length >= 6)
      socket.destroy()
      t.same(answers(), ['204', '4', '204', '8', '204', '12'])
    },
  )

  await t.test('a trailing slash makes no difference', async t => {
    const answer = await send('/uploads/', { method: 'POST', headers: { ...TUS, 'upload-length': 1 } })
    t.equal(answer.status, 201)
    const path = answer.headers.location!
    t.equal((await send(`${path}/`, { method: 'HEAD', headers: TUS })).status, 200)
    t.equal((await patch(`${path}/`, { 'upload-offset': 0 }, 'x')).status, 204)
  })

  t.equal((await send('/health/ready', {})).status, 200, 'it is still well')
  const serious = service.logs.filter(({ msg }) => /request failed/.test(msg ?? ''))
  t.same(serious, [], 'and nothing of this was an error of the server')
})
