import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { startPostgres } from '../support/postgres.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { Recorder } from '../support/recorder.ts'
import { startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { sha256 } from '../support/video-api.ts'

// What clients are told while PostgreSQL is away: that it is no fault of theirs, and when to come back. Nothing that was acknowledged
// is lost, and uploads go on once it is back.

const BYTES = randomBytes(600_000)
const HALF = 300_000
const VIDEO = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const JSON_BODY = { 'content-type': 'application/json' }
/** Routes that need no database. */
const STANDALONE = /^\/(status|api\/(status|swagger|redoc)|health\/\w+|session|docs|openapi\.json)/

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const service = await startService({
  env: { DATABASE_URL: await postgres.createDatabase(), SWEEP_INTERVAL: '3600' },
})
t.teardown(() => service.stop())
const tus = new TusWire(service.url)
const draft = new DraftWire(service.url)
const recorder = new Recorder(() => service.url)

/** A form whose last part is a file, without its end. */
const form = (fields: Record<string, string>, file: string) =>
  [
    ...Object.entries(fields).map(
      ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    `--b\r\nContent-Disposition: form-data; name="${file}"; filename="a"\r\n\r\n`,
  ].join('')
const FORM = { 'content-type': 'multipart/form-data; boundary=b' }
const END = '\r\n--b--\r\n'
const OLD_FIELDS = { title: 'x', session_id: VIDEO, is_final: 'true' }
/** The field for the file, of routes that take forms. */
const FILES: Readonly<Record<string, string>> = {
  '/videos': 'video',
  '/recordings/{id}/chunks': 'chunk',
  '/api/videos': 'video',
  '/api/receive-video-chunk': 'video_chunk',
  '/api/finalize-recording': 'video_chunk',
}

function begin(method: string, path: string, headers: OutgoingHttpHeaders, start = '', end = '') {
  const length = { 'content-length': start.length + BYTES.length + end.length }
  const { outgoing, answer } = openRequest(service.url, path, { method, headers: { ...length, ...headers } })
  outgoing.on('error', () => {}).write(start)
  outgoing.write(BYTES.subarray(0, HALF))
  const finish = () => {
    outgoing.write(BYTES.subarray(HALF))
    outgoing.end(end)
    return answer
  }
  return { finish }
}

const octets = {
  'tus-resumable': '1.0.0',
  'upload-offset': 0,
  'content-type': 'application/offset+octet-stream',
}

await t.test('requests that are under way when it goes', async t => {
  const path = await tus.create(BYTES.length)
  const begun = await draft.create()
  const recording = await recorder.create()
  const inFlight = {
    'tus PATCH': begin('PATCH', path, octets),
    'tus POST': begin('POST', '/uploads', { ...octets, 'upload-length': BYTES.length }),
    'draft PATCH': begin('PATCH', begun, draft.appendHeaders(0, true)),
    'draft POST': begin('POST', '/uploads', { 'upload-draft-interop-version': 8, 'upload-complete': '?1' }),
    'PUT of a chunk': begin('PUT', `/recordings/${recording}/chunks/0`, {}),
    'a chunk as a form': begin(
      'POST',
      `/recordings/${recording}/chunks`,
      FORM,
      form({ index: '1' }, 'chunk'),
      END,
    ),
    'POST /videos': begin('POST', '/videos', FORM, form({ title: 'x' }, 'video'), END),
    'POST /videos with a key': begin(
      'POST',
      '/videos',
      { ...FORM, 'idempotency-key': 'a' },
      form({ title: 'y' }, 'video'),
      END,
    ),
  }
  await until(async () => (await tus.offset(path)) === HALF && (await draft.offset(begun)) === HALF)
  await postgres.stop()
  for (const [name, { finish }] of Object.entries(inFlight)) {
    const { status, headers, text } = await finish()
    t.equal(status, 503, `${name}: ${status} ${text}`)
    t.equal(headers['retry-after'], '1', name)
    if (!name.startsWith('tus')) t.equal(JSON.parse(text).code, 'database_unavailable', name)
  }

  await postgres.start()
  await until(async () => (await fetch(`${service.url}/health/ready`)).ok)
  // All bytes are on the disk and sealed, so that asking finishes the upload; or from where it was told.
  for (const [upload, wire] of [
    [path, tus],
    [begun, draft],
  ] as const) {
    const at = await wire.offset(upload)
    t.ok(at >= HALF, `${at}`)
    if (at < BYTES.length)
      t.ok((await draft.append(upload, at, true, BYTES.subarray(at))).status < 300, 'it goes on')
    const source = await fetch(`${service.url}/videos/${upload.split('/').at(-1)}/source`)
    t.equal(sha256(await source.bytes()), sha256(BYTES))
  }
  t.equal((await recorder.put(recording, 0, BYTES)).status, 200)
})

await t.test('every route', async t => {
  const { paths } = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const upload = await tus.create(5)
  const drafted = await draft.create('01')
  await postgres.stop()
  const answers: [string, { status: number; headers: OutgoingHttpHeaders; text: string }][] = []
  for (const [path, methods] of Object.entries(paths)) {
    if (STANDALONE.test(path) || path.startsWith('/uploads')) continue
    for (const method of Object.keys(methods)) {
      if (!/^(get|post|put|patch|delete)$/.test(method)) continue
      const filled = path
        .replace('{n}', '0')
        .replace('{file}', '0.vtt')
        .replace('{revision}', '1')
        .replace(/\{\w+\}/g, VIDEO)
      const file = method === 'post' ? FILES[path] : undefined
      const body = bodyOf(method, path)
      const type = file ? FORM : body ? JSON_BODY : {}
      const sent = file ? form(path.startsWith('/api/') ? OLD_FIELDS : {}, file) + END : body
      const headers = { ...type, ...(sent && { 'content-length': sent.length }) }
      answers.push([
        `${method} ${path}`,
        await rawRequest(service.url, filled, {
          method: method.toUpperCase(),
          headers,
          ...(sent && { body: sent }),
        }),
      ])
    }
  }
  t.ok(answers.length > 30, `${answers.length} operations`)
  for (const [name, { status, headers, text }] of answers) {
    t.equal(status, 503, `${name}: ${status} ${text}`)
    t.equal(headers['retry-after'], '1', name)
  }
  for (const [name, answer] of Object.entries({
    POST: await tus.send('POST', '/uploads', { 'upload-length': 5 }),
    'final POST': await tus.send('POST', '/uploads', { 'upload-concat': `final;${upload}` }),
    PATCH: await tus.patch(upload, 0, '01234'),
    DELETE: await tus.send('DELETE', upload),
    'draft POST': await draft.post(true, 'x'),
    'draft PATCH': await draft.append(drafted, 2, true, 'x'),
    'draft HEAD': await draft.head(drafted),
    'draft DELETE': await draft.send('DELETE', drafted),
  })) {
    t.equal(answer.status, 503, name)
    t.equal(answer.headers['retry-after'], '1', name)
  }
  const { status, headers } = await tus.head(upload)
  t.equal(status, 423, 'a 5xx would have tus-js-client begin anew')
  t.equal(headers['retry-after'], '1')
  await postgres.start()
  // No byte was taken while another process could have been writing to uploads.
  await until(async () => (await tus.patch(upload, 0, '01234')).status === 204)
  t.equal(await tus.offset(upload), 5)
})

function bodyOf(method: string, path: string): string | undefined {
  if (method === 'get') return undefined
  if (path === '/videos/restore' || (method === 'delete' && path === '/videos'))
    return JSON.stringify({ ids: [VIDEO] })
  if (method === 'delete') return undefined
  if (path.endsWith('/transcript')) return '{"segments":[{"start":0,"end":1,"text":"Hi"}]}'
  if (path.endsWith('/links')) return path.startsWith('/uploads') ? '{"max_size":1}' : '{"kinds":["stream"]}'
  if (path.endsWith('/shares')) return '{}'
  if (path === '/keys') return '{"owner":"alice"}'
  if (path === '/webhooks') return '{"url":"https://example.com/hook"}'
  if (method === 'patch' || method === 'put') return '{"title":"x"}'
  return undefined
}
