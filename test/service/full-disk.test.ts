import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { storedFiles } from '../support/leftovers.ts'
import { startService } from '../support/service.ts'
import { type SmallDisk, smallDisk } from '../support/small-disk.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, sha256 } from '../support/video-api.ts'

const path = await clip({ seconds: 2 })
/** More than one page of memory, so that no write fits where there is no room. */
const bytes = createHash('shake256', { outputLength: 300_000 }).update('full').digest()
const [first, rest] = [bytes.subarray(0, 100_000), bytes.subarray(100_000)]
const JSON_BODY = { 'content-type': 'application/json' }

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: string | undefined
}

type Write = () => Promise<Answer>

async function responseOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  return {
    status: response.status,
    code: isProblem ? (JSON.parse(text) as { code: string }).code : undefined,
    retryAfter: response.headers.get('retry-after') ?? undefined,
  }
}

function form(): FormData {
  const body = new FormData()
  body.append('title', 'Full')
  body.append('video', new Blob([bytes], { type: 'video/mp4' }), 'clip.mp4')
  return body
}

/** What is there before the disk is full: two videos, and an upload of each kind that has been begun. */
async function begin(url: string) {
  const videos = await Promise.all([postVideo(url, path), postVideo(url, path)])
  for (const { id } of videos) await endedVideo(url, id)
  const tus = new TusWire(url)
  const upload = await tus.create(bytes.length)
  await tus.patch(upload, 0, first)
  const other = await tus.create(bytes.length)
  const parts = [
    await tus.create(100_000, { 'upload-concat': 'partial' }),
    await tus.create(100_000, { 'upload-concat': 'partial' }),
  ]
  for (const part of parts) await tus.patch(part, 0, first)
  const draft = new DraftWire(url)
  const resumable = await draft.create(first)
  const recording = await getJson<{ id: string }>(`${url}/recordings`, { method: 'POST' })
  const chunk = (n: number, body: Uint8Array) =>
    fetch(`${url}/recordings/${recording.id}/chunks/${n}`, { method: 'PUT', body: Buffer.from(body) })
  await chunk(0, first)
  return {
    videos: videos.map(({ id }) => id),
    tus,
    upload,
    other,
    parts,
    draft,
    resumable,
    recording: recording.id,
    chunk,
  }
}

type Begun = Awaited<ReturnType<typeof begin>>

/** Every request that makes the server keep more. */
function writes(
  url: string,
  { videos: [video], tus, upload, parts, draft, resumable, recording, chunk }: Begun,
): Record<string, Write> {
  const wire = (sent: ReturnType<TusWire['send']>) =>
    sent.then(({ status, headers }) => ({ status, code: undefined, retryAfter: headers['retry-after'] }))
  const json = (method: string, route: string, body: object, headers = {}) =>
    fetch(url + route, { method, headers: { ...JSON_BODY, ...headers }, body: JSON.stringify(body) }).then(
      responseOf,
    )
  const long = 'word '.repeat(50_000)
  return {
    'POST /uploads': () =>
      wire(
        tus.send('POST', '/uploads', {
          'upload-length': 1000,
          'upload-metadata': `title ${Buffer.from('t'.repeat(400)).toString('base64')}`,
        }),
      ),
    'PATCH /uploads/{id}': () => wire(tus.patch(upload, first.length, rest)),
    'POST /uploads with bytes': () =>
      wire(
        tus.send(
          'POST',
          '/uploads',
          { 'upload-length': rest.length, 'content-type': 'application/offset+octet-stream' },
          rest,
        ),
      ),
    'POST /uploads, final': () =>
      wire(tus.send('POST', '/uploads', { 'upload-concat': `final;${parts.join(' ')}` })),
    'POST /uploads of the draft': () => wire(draft.post(true, rest)),
    'PATCH /uploads/{id} of the draft': () => wire(draft.append(resumable, first.length, true, rest)),
    'POST /videos': () => fetch(`${url}/videos`, { method: 'POST', body: form() }).then(responseOf),
    'POST /videos with an Idempotency-Key': () =>
      fetch(`${url}/videos`, { method: 'POST', body: form(), headers: { 'idempotency-key': 'full' } }).then(
        responseOf,
      ),
    'POST /recordings': () =>
      json(
        'POST',
        '/recordings',
        { title: 'Full', description: 'd'.repeat(9000) },
        { 'idempotency-key': 'recording' },
      ),
    'PUT /recordings/{id}/chunks/{n}': () => chunk(1, rest).then(responseOf),
    'PUT /videos/{id}/transcript': () =>
      json('PUT', `/videos/${video}/transcript`, { segments: [{ start: 0, end: 1, text: 'word' }] }),
    'PUT /videos/{id} with a transcript': () => json('PUT', `/videos/${video}`, { transcript: long }),
    'PATCH /videos/{id}': () => json('PATCH', `/videos/${video}`, { description: 'd'.repeat(9000) }),
    'POST /uploads/links': () => json('POST', '/uploads/links', { max_size: 1000 }),
    'POST /webhooks': () => json('POST', '/webhooks', { url: 'https://example.com/hook' }),
    'POST /videos/{id}/retry': () => json('POST', `/videos/${video}/retry?step=poster`, {}),
    [`POST /recordings/{id}/finalize`]: () =>
      json('POST', `/recordings/${recording}/finalize`, { chunks: 5 }),
  }
}

/** Reading goes on, and tells what was acknowledged. */
async function readsWork(
  t: Test,
  url: string,
  { videos, tus, upload, draft, resumable, recording }: Begun,
): Promise<void> {
  for (const route of [
    `/videos/${videos[0]}`,
    `/videos/${videos[0]}/stream`,
    `/videos/${videos[0]}/poster`,
    '/videos',
    '/videos?q=word',
    '/metrics',
    '/status',
  ])
    t.equal((await fetch(url + route)).status, 200, `GET ${route}`)
  t.ok((await tus.offset(upload)) >= first.length, 'tus names what was acknowledged, or more')
  t.ok((await draft.offset(resumable)) >= first.length)
  t.match(await getJson(`${url}/recordings/${recording}`), { missing: [] })
}

async function fills(t: Test, url: string, begun: Begun, fill: () => void): Promise<void> {
  for (const [name, write] of Object.entries(writes(url, begun))) {
    fill()
    const { status, code, retryAfter } = await write()
    const isRefused = status === 507 || status === 503
    t.ok(isRefused || status < 300 || status === 409, `${name}: ${status} ${code}`)
    if (isRefused) t.ok(Number(retryAfter) > 0, `${name} names a time to try again`)
  }
  await readsWork(t, url, begun)
}

/** Has PostgreSQL keep a database on the same disk. */
async function moveDatabase(url: string, server: string, disk: SmallDisk): Promise<void> {
  const location = join(dirname(disk.directory), 'postgresql')
  mkdirSync(location)
  execFileSync('chown', ['postgres', location])
  const client = new pg.Client(server)
  await client.connect()
  await client.query(`CREATE TABLESPACE small LOCATION '${location}'`)
  await client.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET TABLESPACE small`)
  await client.end()
}

const LIMITS = [
  ['bytes', 'fillBytes'],
  ['files', 'fillInodes'],
] as const

await flavours(t, async (t, flavour) => {
  const disk = smallDisk(`full-${flavour.name}`, 200)
  if (!disk) {
    t.pass('a disk that is full', { skip: 'this user may not mount a file system' })
    return
  }
  if (flavour.name === 'served')
    await moveDatabase(flavour.env.DATABASE_URL, flavour.postgres.url('postgres'), disk)
  const service = await startService({
    env: { ...flavour.env, DATA_DIR: disk.directory, SWEEP_INTERVAL: '1' },
  })
  t.teardown(() => service.kill())
  const { url } = service

  for (const [what, fill] of LIMITS)
    await t.test(`no room for ${what}`, async t => {
      const begun = await begin(url)
      await fills(t, url, begun, disk[fill])
      t.equal((await fetch(`${url}/health/ready`)).status, 503)

      const [deleted, kept] = begun.videos
      disk[fill]()
      t.equal(
        (await fetch(`${url}/videos/${deleted}?permanent=true`, { method: 'DELETE' })).status,
        204,
        'a video is deleted',
      )
      disk[fill]()
      t.equal((await begun.tus.send('DELETE', begun.other)).status, 204, 'an upload is given up')
      disk[fill]()
      t.equal((await fetch(`${url}/recordings/${begun.recording}`, { method: 'DELETE' })).status, 204)
      t.notOk(
        (await storedFiles(service.dataDir)).some(file => file.includes(deleted!)),
        'its files are gone',
      )

      disk.empty()
      await until(async () => (await fetch(`${url}/health/ready`)).status === 200)
      const offset = await begun.tus.offset(begun.upload)
      t.ok(offset >= first.length)
      await until(async () => {
        const { status } = await begun.tus.patch(begun.upload, offset, bytes.subarray(offset))
        return status === 204
      })
      const source = await fetch(`${url}${begun.upload.replace('uploads', 'videos')}/source`)
      t.equal(sha256(Buffer.from(await source.arrayBuffer())), sha256(bytes), 'the bytes are right')
      t.equal((await endedVideo(url, (await postVideo(url, path)).id)).status, 'ready', 'new videos come')
      t.equal((await getJson(`${url}/videos/${kept}`)).status, 'ready')
    })
  t.same(
    service.logs.filter(({ msg }) =>
      /^(request failed|tus request failed|upload request failed)$/.test(msg ?? ''),
    ),
    [],
    'nothing was unexpected',
  )
})
