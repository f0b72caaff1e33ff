import { createHash, randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { storedFiles } from '../support/leftovers.ts'
import { openRequest, type RawAnswer } from '../support/raw-request.ts'
import { Recorder } from '../support/recorder.ts'
import { startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

// What a service that stops tells the clients whose requests are under way: that it stops, and when to come back.

const SENT = randomBytes(300_000)
const LENGTH = 1_000_000
/** Files of these requests: of the uploads, the chunks and the forms. */
const FILES = 14
/** Those that have all bytes sent. Forms write theirs later. */
const WHOLE_FILES = 9

const service = await startService()
const tus = new TusWire(service.url)
const draft = new DraftWire(service.url)
const recorder = new Recorder(() => service.url)

/** A request that has sent a part of its body. */
function begin(method: string, path: string, headers: OutgoingHttpHeaders, sent: string | Uint8Array) {
  const length = headers['transfer-encoding'] ? {} : { 'content-length': LENGTH }
  const all = { ...length, ...headers }
  const { outgoing, answer } = openRequest(service.url, path, { method, headers: all })
  outgoing.on('error', () => {}).write(sent)
  return answer
}

const digest = `sha-256=:${createHash('sha256').update('x').digest('base64')}:`
const form = (disposition: string) => ({
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  body: Buffer.concat([
    Buffer.from(`--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    SENT.subarray(0, 50_000),
  ]),
})
const tusPatch = {
  'tus-resumable': '1.0.0',
  'upload-offset': 0,
  'content-type': 'application/offset+octet-stream',
}
const video = form('name="video"; filename="a.mp4"')
const field = form('name="description"')
const chunk = form('name="chunk"; filename="a"')
const path = await tus.create(LENGTH)
const begun = await draft.create()
const recording = await recorder.create()
const json = { 'content-type': 'application/json' }

const inFlight: Record<string, Promise<RawAnswer>> = {
  'tus PATCH': begin('PATCH', path, tusPatch, SENT),
  'tus PATCH with a checksum': begin(
    'PATCH',
    await tus.create(LENGTH),
    { ...tusPatch, 'upload-checksum': 'sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
    SENT,
  ),
  'tus PATCH of a part': begin(
    'PATCH',
    await tus.create(LENGTH, { 'upload-concat': 'partial' }),
    tusPatch,
    SENT,
  ),
  'tus PATCH without a length': begin(
    'PATCH',
    await tus.create('deferred'),
    { ...tusPatch, 'transfer-encoding': 'chunked' },
    SENT,
  ),
  'tus POST with bytes': begin('POST', '/uploads', { ...tusPatch, 'upload-length': LENGTH }, SENT),
  'draft POST': begin(
    'POST',
    '/uploads',
    { 'upload-draft-interop-version': 8, 'upload-complete': '?1' },
    SENT,
  ),
  'draft PATCH': begin('PATCH', begun, draft.appendHeaders(0, true), SENT),
  'draft PATCH with a digest': begin(
    'PATCH',
    await draft.create(),
    { ...draft.appendHeaders(0, true), 'content-digest': digest },
    SENT,
  ),
  'PUT of a chunk': begin('PUT', `/recordings/${recording}/chunks/0`, {}, SENT),
  'a chunk as a form': begin('POST', `/recordings/${recording}/chunks`, chunk.headers, chunk.body),
  'the end of a recording, with a chunk': begin(
    'POST',
    `/recordings/${recording}/finalize`,
    chunk.headers,
    chunk.body,
  ),
  'POST /videos in its file': begin('POST', '/videos', video.headers, video.body),
  'POST /videos in a field': begin('POST', '/videos', field.headers, field.body),
  'POST /videos with a key': begin(
    'POST',
    '/videos',
    { ...video.headers, 'idempotency-key': 'a' },
    video.body,
  ),
  'a JSON body': begin('POST', '/recordings', json, '{"title":'),
  'a JSON body of a webhook': begin('POST', '/webhooks', json, '{"url":'),
}

await t.test('the requests that are under way', async t => {
  // Without this, a request that the service has not read yet would be cut off instead of answered.
  await until(async () => (await tus.offset(path)) === SENT.length)
  await until(async () => {
    const files = await storedFiles(service.dataDir)
    const sizes = files.map(file => statSync(join(service.dataDir, file)).size)
    return sizes.length === FILES && sizes.filter(size => size === SENT.length).length === WHOLE_FILES
  })
  const stopped = service.stop()
  for (const [name, answer] of Object.entries(inFlight)) {
    const { status, headers, text } = await answer
    t.equal(status, 503, `${name}: ${status} ${text}`)
    t.equal(headers['retry-after'], '1', name)
    t.match(headers['content-type'], /^application\/problem\+json/, name)
    t.match(JSON.parse(text), { status: 503, code: 'stopping' }, name)
  }
  t.match((await inFlight['tus POST with bytes']!).headers.location, /^\/uploads\/[0-9a-f-]{36}$/)
  await stopped
  t.same(
    service.logs.filter(({ level = 0 }) => level >= 50),
    [],
    'nothing of this is an error of the server',
  )
})

await t.test('what the protocols can go on with is there at the next start, and nothing else', async t => {
  const again = await startService({ env: { DATA_DIR: service.dataDir } })
  t.teardown(() => again.stop())
  const after = new TusWire(again.url)
  t.equal(await after.offset(path), SENT.length)
  t.equal(await after.offset(begun), SENT.length)
  const files = await storedFiles(service.dataDir)
  t.same(
    files.filter(file => file.startsWith('recordings/')),
    [],
  )
  const { items } = (await (await fetch(`${again.url}/videos`)).json()) as { items: unknown[] }
  t.same(items, [])
})
