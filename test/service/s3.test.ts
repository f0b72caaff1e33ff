import { readFile } from 'node:fs/promises'
import t from 'tap'
import { bigClip, clip } from '../support/clips.ts'
import { DraftWire } from '../support/draft-wire.ts'
import { startLastingService } from '../support/lasting-service.ts'
import { cut, Recorder } from '../support/recorder.ts'
import { doctor } from '../support/run-doctor.ts'
import { S3_CREDENTIALS, S3Server } from '../support/s3-server.ts'
import { s3Storage } from '../support/s3-storage.ts'
import { startService } from '../support/service.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, sha256, type VideoView } from '../support/video-api.ts'

const MIB = 2 ** 20
const server = await S3Server.start()
t.teardown(() => server.stop())
const STORAGE_URL = server.url('service')
const env = { STORAGE_URL, ...S3_CREDENTIALS, SWEEP_INTERVAL: '1s' }
const lasting = await startLastingService(t, env)
const { bucket } = s3Storage(STORAGE_URL)
const url = () => lasting.service.url

/** All objects and unfinished multipart uploads. */
async function keys(): Promise<string[]> {
  const found: string[] = []
  for (const place of ['uploads/', 'artifacts/', 'recordings/', 'check/']) {
    for await (const page of bucket.list(place)) found.push(...page)
    found.push(...(await bucket.multiparts(place)).map(({ key }) => key))
  }
  return found
}

async function source(id: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url()}/videos/${id}/source`, { headers })
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
}

async function remove(id: string): Promise<void> {
  t.equal((await fetch(`${url()}/videos/${id}?permanent=true`, { method: 'DELETE' })).status, 204)
}

t.test('a video is posted, processed, played in ranges, examined and deleted', async t => {
  const path = await clip()
  const { id } = await postVideo(url(), path)
  const video = await endedVideo(url(), id)
  t.equal(video.status, 'ready')
  const bytes = await readFile(path)
  t.ok((await source(id)).bytes.equals(bytes))
  const middle = await source(id, { range: 'bytes=1000-1999' })
  t.equal(middle.status, 206)
  t.ok(middle.bytes.equals(bytes.subarray(1000, 2000)))
  const stream = await fetch(`${url()}/videos/${id}/stream`, { headers: { range: 'bytes=0-99' } })
  t.equal((await stream.arrayBuffer()).byteLength, 100)
  t.equal((await fetch(`${url()}/videos/${id}/poster`)).status, 200)
  const made = (await keys()).find(key => key.startsWith(`artifacts/${id}/poster`))!
  const found = await bucket.get(made)
  found.body.resume()
  const visit = await doctor({ ...env, DATA_DIR: lasting.service.dataDir }, '--deep', '--json')
  t.same(visit.kinds, [], visit.stdout + visit.stderr)
  await bucket.put(`uploads/${id}/stray`, Buffer.from('forgotten'))
  const again = await doctor({ ...env, DATA_DIR: lasting.service.dataDir }, '--json')
  t.same(again.kinds, ['unknown_file'])
  await bucket.remove([`uploads/${id}/stray`])
  const ready = await getJson<{ checks: { storage: { status: string } } }>(`${url()}/health/ready`)
  t.equal(ready.checks.storage.status, 'up')
  await remove(id)
  await until(async () => (await keys()).length === 0)
})

t.test('players are redirected to the bucket if the setting says so', async t => {
  const redirecting = await startService({
    env: { ...env, STORAGE_URL: server.url('redirected'), STORAGE_REDIRECT: 'on' },
  })
  t.teardown(() => redirecting.stop())
  const path = await clip()
  const { id } = await postVideo(redirecting.url, path, {}, { name: 'a "film".mp4' })
  await endedVideo(redirecting.url, id)
  for (const [file, disposition] of [
    ['stream', 'inline'],
    ['source', 'attachment'],
  ] as const) {
    const address = `${redirecting.url}/videos/${id}/${file}`
    const answer = await fetch(address, { redirect: 'manual', headers: { range: 'bytes=10-19' } })
    t.equal(answer.status, 302)
    t.match(answer.headers.get('location'), server.endpoint)
    const played = await fetch(address, { headers: { range: 'bytes=10-19' } })
    t.equal(played.status, 206)
    t.equal(played.headers.get('content-type'), 'video/mp4')
    t.match(played.headers.get('content-disposition'), new RegExp(`^${disposition}; filename=`))
    t.equal((await played.arrayBuffer()).byteLength, 10)
    t.equal((await fetch(address, { method: 'HEAD', redirect: 'manual' })).status, 200)
  }
  t.equal((await fetch(`${redirecting.url}/videos/${id}/poster`, { redirect: 'manual' })).status, 200)
  for (const page of ['/', `/videos/${id}/embed`]) {
    const { headers } = await fetch(redirecting.url + page)
    t.match(headers.get('content-security-policy'), server.endpoint)
  }
  t.notOk(redirecting.output.join().includes(S3_CREDENTIALS.AWS_SECRET_ACCESS_KEY))
})

t.test('uploads go on after the process was killed', async t => {
  const path = await bigClip(30 * MIB)
  const bytes = await readFile(path)
  const wire = new DraftWire(url())
  const draft = await wire.create(bytes.subarray(0, 7 * MIB))
  const { upload, done } = tusUpload(url(), bytes, {
    chunkSize: 6 * MIB,
    retryDelays: Array.from({ length: 100 }, () => 200),
    onChunkComplete: (_, sent) => {
      if (sent === 12 * MIB) void lasting.service.kill()
    },
  })
  await lasting.service.exited
  await wire.append(draft, 7 * MIB, false, bytes.subarray(7 * MIB, 8 * MIB)).catch(() => {})
  await lasting.startAgain()
  const id = await done
  t.ok(upload.url)
  t.equal(sha256((await source(id)).bytes), sha256(bytes))
  let offset = await wire.offset(draft)
  t.equal(offset, 7 * MIB, 'an acknowledged offset stays')
  for (const size of [65_536, 65_536, 6 * MIB, 100, bytes.length]) {
    const end = Math.min(offset + size, bytes.length)
    const answer = await wire.append(draft, offset, end === bytes.length, bytes.subarray(offset, end))
    t.match(String(answer.status), /^20[014]/)
    offset = end
  }
  const second = draft.split('/').at(-1)!
  await until(async () => (await getJson<VideoView>(`${url()}/videos/${second}`)).status !== 'uploading')
  t.equal(sha256((await source(second)).bytes), sha256(bytes))
  for (const each of [id, second]) await remove(each)
  await until(async () => (await keys()).length === 0)
})

t.test('a client that asked for the offset beside its last request can repeat that request', async t => {
  const bytes = Buffer.from(await readFile(await clip()))
  const wire = new TusWire(url())
  const path = await wire.create(bytes.length)
  const half = bytes.length >> 1
  const { outgoing, answer } = wire.openPatch(path, 0, { 'content-length': bytes.length })
  outgoing.write(bytes.subarray(0, half))
  await until(async () => (await wire.offset(path)) === half)
  outgoing.end(bytes.subarray(half))
  t.equal((await answer).status, 204)
  t.equal((await wire.patch(path, half, bytes.subarray(half))).status, 204)
  t.equal((await wire.patch(path, half, Buffer.alloc(bytes.length - half))).status, 409)
  const id = path.split('/').at(-1)!
  t.ok((await source(id)).bytes.equals(bytes))
  await endedVideo(url(), id)
  await remove(id)
  await until(async () => (await keys()).length === 0)
})

t.test('a recording is joined', async t => {
  const bytes = await readFile(await clip({ container: 'webm' }))
  const recorder = new Recorder(url)
  const id = await recorder.create()
  const chunks = cut(bytes, 5)
  for (const number of [0, 2, 1, 4, 3]) t.equal((await recorder.put(id, number, chunks[number]!)).status, 200)
  t.match((await recorder.finalize(id, { chunks: 5 })).status, 200)
  const video = await endedVideo(url(), id)
  t.equal(video.status, 'ready')
  t.ok((await source(id)).bytes.equals(bytes))
  await remove(id)
  await until(async () => (await keys()).length === 0)
})

t.test('an abandoned upload is removed with everything', async t => {
  const wire = new DraftWire(url())
  const path = await wire.create(Buffer.alloc(13 * MIB, 'x'))
  t.not((await keys()).length, 0)
  t.equal((await wire.send('DELETE', path)).status, 204)
  await until(async () => (await keys()).length === 0)
})
