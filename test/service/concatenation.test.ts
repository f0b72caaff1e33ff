import { randomBytes } from 'node:crypto'
import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { getJson, sha256, type VideoView } from '../support/video-api.ts'

const TUS = { 'tus-resumable': '1.0.0' }
const PART = { ...TUS, 'upload-concat': 'partial' }
const MAX = 8 * 2 ** 20

await flavours(t, async (t, { env }) => {
  const service = await startService({ env: { ...env, SWEEP_INTERVAL: '1', MAX_UPLOAD_SIZE: `${MAX}` } })
  t.teardown(() => service.stop())
  const post = (headers: Record<string, string | number>) =>
    rawRequest(service.url, '/uploads', { method: 'POST', headers })
  const head = (path: string) => rawRequest(service.url, path, { method: 'HEAD', headers: TUS })
  const patch = (path: string, offset: number, body: string) =>
    rawRequest(service.url, path, {
      method: 'PATCH',
      headers: { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': offset },
      body,
    })
  const part = async (text: string, length = text.length) => {
    const { headers } = await post({ ...PART, 'upload-length': length })
    t.equal((await patch(headers.location!, 0, text)).status, 204)
    return headers.location!
  }
  const final = (...paths: string[]) => post({ ...TUS, 'upload-concat': `final;${paths.join(' ')}` })
  const videos = async () => (await getJson<{ items: VideoView[] }>(`${service.url}/videos`)).items
  const sourceOf = async (path: string) =>
    (await fetch(`${service.url}${path.replace('/uploads/', '/videos/')}/source`)).text()

  await t.test('a final upload whose part was deleted ends at once', async t => {
    const [kept, gone] = [await part('kept'), await part('go', 4)]
    const waiting = (await final(kept, gone)).headers.location!
    t.equal((await head(waiting)).status, 200)
    const removed = await rawRequest(service.url, gone, { method: 'DELETE', headers: TUS })
    t.equal(removed.status, 204)
    t.equal((await head(waiting)).status, 410)
    t.equal((await final(kept, gone)).status, 400, 'and no other is begun')
  })

  await t.test('the end of a part tells how long it is kept', async t => {
    const { headers } = await post({ ...PART, 'upload-length': 3 })
    const expires = (await patch(headers.location!, 0, 'abc')).headers['upload-expires']
    const told = (await head(headers.location!)).headers['upload-expires']
    t.ok(Math.abs(Date.parse(String(expires)) - Date.parse(String(told))) < 60_000, `${expires}, ${told}`)
  })

  await t.test('parts become one video, and none by themselves', async t => {
    const parts = [await part('Hello, '), await part('wide '), await part('world')]
    t.same(await videos(), [])
    const { status, headers } = await final(...parts)
    t.equal(status, 201)
    const path = headers.location!
    t.match((await head(path)).headers, {
      'upload-offset': '17',
      'upload-length': '17',
      'upload-concat': `final;${parts.join(' ')}`,
    })
    t.equal((await head(parts[0]!)).headers['upload-concat'], 'partial')
    t.equal(await sourceOf(path), 'Hello, wide world')
    t.equal((await videos()).length, 1)
    t.equal((await patch(path, 17, 'x')).status, 403, 'a final upload takes no bytes')
    const again = await final(...parts)
    t.equal(again.headers.location, path, 'asked for again, it is the same')
    t.equal((await videos()).length, 1)
    t.equal((await final(parts[0]!, parts[0]!)).status, 201, 'a part may be used twice')
  })

  await t.test('a final upload waits for its parts', async t => {
    const parts = [await part('abc'), await part('d', 3)]
    const path = (await final(`${service.url}${parts[0]}`, parts[1]!)).headers.location!
    const waiting = await head(path)
    t.equal(waiting.status, 200)
    t.equal(waiting.headers['upload-offset'], undefined)
    // "MUST be included if the length of the final resource can be calculated", "its value as received in the upload creation request".
    t.equal(waiting.headers['upload-length'], '6')
    t.equal(waiting.headers['upload-concat'], `final;${service.url}${parts[0]} ${parts[1]}`)
    t.equal((await patch(parts[1]!, 1, 'ef')).status, 204)
    await until(async () => (await head(path)).headers['upload-offset'] === '6')
    t.equal(await sourceOf(path), 'abcdef')
  })

  await t.test('the length of a final upload is told once it can be', async t => {
    const [known, deferred] = [
      await part('abc'),
      (await post({ ...PART, 'upload-defer-length': 1 })).headers.location!,
    ]
    const path = (await final(known, deferred)).headers.location!
    const before = (await head(path)).headers
    t.same([before['upload-length'], before['upload-defer-length']], [undefined, undefined])
    const type = 'application/offset+octet-stream'
    const declared = { ...TUS, 'upload-offset': 0, 'upload-length': 4, 'content-type': type }
    t.equal((await rawRequest(service.url, deferred, { method: 'PATCH', headers: declared })).status, 204)
    t.equal((await head(path)).headers['upload-length'], '7')
  })

  await t.test('what makes no sense is refused', async t => {
    const whole = (await post({ ...TUS, 'upload-length': 1 })).headers.location!
    const one = await part('x')
    const before = (await videos()).length
    for (const value of ['final;', 'final', 'partially', 'final;/uploads/../x', `final;${whole}`]) {
      const { status } = await post({ ...TUS, 'upload-concat': value })
      t.equal(status, 400, value)
    }
    const unknown = '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
    t.equal((await final(one, unknown)).status, 400)
    t.equal((await post({ ...TUS, 'upload-concat': `final;${one}`, 'upload-length': 1 })).status, 400)
    const big = (await post({ ...PART, 'upload-length': MAX })).headers.location!
    t.equal((await final(big, one)).status, 413)
    t.equal((await videos()).length, before)
  })

  await t.test('a finished part can be terminated', async t => {
    const path = await part('gone')
    t.equal((await rawRequest(service.url, path, { method: 'DELETE', headers: TUS })).status, 204)
    t.equal((await head(path)).status, 404)
  })

  await t.test('parallelUploads of tus-js-client', async t => {
    const bytes = randomBytes(3 * 2 ** 20 + 17)
    const { done } = tusUpload(service.url, bytes, {
      parallelUploads: 4,
      chunkSize: 300_000,
      metadata: { title: 'In parallel' },
    })
    const video = await getJson(`${service.url}/videos/${await done}`)
    t.equal(video.title, 'In parallel')
    const answer = await fetch(`${service.url}/videos/${video.id}/source`)
    t.equal(sha256(await answer.bytes()), sha256(bytes))
  })
})
