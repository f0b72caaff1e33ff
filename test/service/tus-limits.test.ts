import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { atExit } from '../support/at-exit.ts'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { refusalOf, tusUpload, uploadId } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { getJson, sha256 } from '../support/video-api.ts'

const MIB = 2 ** 20
/** A busy machine stands still for seconds: what is used has to be used within this time. */
const EXPIRY_S = 8
const TUS = { 'tus-resumable': '1.0.0' }
const headOf = (url: string) => fetch(url, { method: 'HEAD', headers: TUS })

/** While a part is fed, neither the upload that it is for expires, nor the other parts. */
async function finalThatWaits(t: Test, url: string): Promise<void> {
  const tus = new TusWire(url)
  const early = await tus.create(4, { 'upload-concat': 'partial' })
  t.equal((await tus.patch(early, 0, 'good')).status, 204)
  const late = await tus.create(8, { 'upload-concat': 'partial' })
  const { headers } = await tus.send('POST', '/uploads', { 'upload-concat': `final;${early} ${late}` })
  const path = headers.location!
  for (let at = 0; at < 8; at++) {
    await pause((1.25 * EXPIRY_S * 1000) / 8)
    t.equal((await tus.head(path)).status, 200, `after part ${at} of the wait`)
    t.equal((await tus.patch(late, at, 'x')).status, 204)
  }
  await until(async () => (await tus.head(path)).headers['upload-offset'] === '12')
}

await flavours(t, async (t, { env }) => {
  await t.test('what is abandoned expires, what is finished stays', async t => {
    const service = await startService({ env: { ...env, UPLOAD_EXPIRY: `${EXPIRY_S}`, SWEEP_INTERVAL: '1' } })
    t.teardown(() => service.stop())
    const stored = () => readdirSync(join(service.dataDir, 'uploads'))
    const finished = await tusUpload(service.url, randomBytes(100_000)).done
    const answer = await rawRequest(service.url, '/uploads', {
      method: 'POST',
      headers: { ...TUS, 'upload-length': 10, 'content-type': 'application/offset+octet-stream' },
      body: '01234',
    })
    t.equal(answer.status, 201)
    const expires = Date.parse(String(answer.headers['upload-expires']))
    t.ok(Math.abs(expires - Date.now()) < 60_000, `Upload-Expires: ${answer.headers['upload-expires']}`)
    const path = answer.headers.location!
    t.equal(answer.headers['upload-offset'], '5', 'it was there')
    await until(() => !existsSync(join(service.dataDir, path)))
    t.same(stored(), [finished])
    t.ok([404, 410].includes((await headOf(`${service.url}${path}`)).status))
    const patch = await rawRequest(service.url, path, {
      method: 'PATCH',
      headers: { ...TUS, 'upload-offset': 5, 'content-type': 'application/offset+octet-stream' },
      body: '56789',
    })
    t.ok([404, 410].includes(patch.status), `PATCH: ${patch.status}`)
    t.same(stored(), [finished], 'and nothing comes back')
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    t.match(metrics, /^longtake_uploads_unfinished 0$/m, 'its row is gone too')
    const head = await headOf(`${service.url}/uploads/${finished}`)
    t.equal(head.status, 200, 'finished long ago')
    t.equal(head.headers.get('upload-offset'), '100000')
    t.equal(head.headers.get('upload-expires'), null)
    t.equal((await fetch(`${service.url}/videos/${finished}/source`)).status, 200)
    await finalThatWaits(t, service.url)
  })

  const uploads = smallDirectory(4)
  await t.test('a full disk', { skip: uploads ? false : 'this process may not mount' }, async t => {
    const service = await startService({ env: { ...env, DATA_DIR: uploads!.dataDir } })
    t.teardown(() => service.stop())
    const bytes = randomBytes(10 * MIB)
    // Chunks that the server has read whole before it writes them: who still sends when the answer comes may miss it.
    const { upload, done } = tusUpload(service.url, bytes, { chunkSize: MIB })
    const error = await done.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    t.equal(refusalOf(error), 507, String(error))
    const head = await headOf(upload.url!)
    t.equal(head.status, 200)
    const kept = Number(head.headers.get('upload-offset'))
    t.ok(kept >= 3 * MIB && kept <= 4 * MIB, `kept ${kept} bytes`)
    const draft = new DraftWire(service.url)
    const path = new URL(upload.url!).pathname
    const refused = await draft.append(path, kept, false, bytes.subarray(kept, kept + MIB))
    t.equal(refused.status, 507)
    t.equal(JSON.parse(refused.text).code, 'storage_full')
    t.equal(refused.headers['upload-complete'], '?0')
    const created = await draft.post(true, bytes.subarray(0, MIB))
    t.equal(created.status, 507)
    t.equal((await draft.send('DELETE', created.headers.location!)).status, 204)
    const form = new FormData()
    form.append('video', new Blob([bytes]), 'clip.mp4')
    const posted = await fetch(`${service.url}/videos`, { method: 'POST', body: form })
    t.equal(posted.status, 507)
    t.match(await posted.json(), { code: 'storage_full' })
    t.same(readdirSync(join(service.dataDir, 'uploads')), [uploadId(upload.url)])
    t.equal((await fetch(`${service.url}/health/live`)).status, 200)

    uploads!.resize(40)
    const id = await tusUpload(service.url, bytes, { uploadUrl: upload.url }).done
    t.equal(sha256(await (await fetch(`${service.url}/videos/${id}/source`)).bytes()), sha256(bytes))
    t.equal((await getJson<{ items: unknown[] }>(`${service.url}/videos?sort=-size&limit=1`)).items.length, 1)
  })
})

/** A data directory in which uploads have a file system of their own, of `size` MiB; undefined where it cannot be mounted. */
function smallDirectory(size: number): { dataDir: string; resize(size: number): void } | undefined {
  const dataDir = throwAwayDirectory('data')
  const uploads = join(dataDir, 'uploads')
  mkdirSync(uploads)
  const mount = (options: string) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'longtake-test', uploads], { stdio: 'ignore' })
  try {
    mount(`size=${size}m`)
  } catch {
    return undefined
  }
  atExit(() => void execFileSync('umount', ['--lazy', uploads], { stdio: 'ignore' }))
  return { dataDir, resize: size => void mount(`remount,size=${size}m`) }
}
