import { randomBytes } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { startPostgres } from '../support/postgres.ts'
import { doctor } from '../support/run-doctor.ts'
import { type Service, startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, sha256 } from '../support/video-api.ts'

// Backups of the database and of the files that were made at different times: what both have is there, and what one lacks is told.

const path = await clip({ seconds: 2, container: 'mp3' })
const BYTES = randomBytes(900_000)
const part = (from: number, to: number) => BYTES.subarray(from, to)

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const home = throwAwayDirectory('restore')
const newer = { DATABASE_URL: await postgres.createDatabase(), DATA_DIR: join(home, 'newer') }
const older = { DATABASE_URL: postgres.url('older'), DATA_DIR: join(home, 'older') }
const makeVideo = async ({ url }: Service) => (await endedVideo(url, (await postVideo(url, path)).id)).id
const start = (settings: { DATABASE_URL: string; DATA_DIR: string }) =>
  startService({ env: { ...settings, SWEEP_INTERVAL: '1' } })

// The backup, and what was done after it.
let service = await start(newer)
const [deleted, kept] = [await makeVideo(service), await makeVideo(service)]
const upload = await new TusWire(service.url).create(BYTES.length)
await new TusWire(service.url).patch(upload, 0, part(0, 300_000))
await service.stop()
const client = new pg.Client(postgres.url('postgres'))
await client.connect()
await client.query(`CREATE DATABASE older TEMPLATE ${new URL(newer.DATABASE_URL).pathname.slice(1)}`)
await client.end()
await cp(newer.DATA_DIR, older.DATA_DIR, { recursive: true })
service = await start(newer)
await fetch(`${service.url}/videos/${deleted}?permanent=true`, { method: 'DELETE' })
const added = await makeVideo(service)
await new TusWire(service.url).patch(upload, 300_000, part(300_000, 600_000))
await service.stop()
await cp(newer.DATA_DIR, join(home, 'mixed'), { recursive: true })

/** Asserts that a video without its file is told everywhere, and that the other one is whole. */
async function tells(
  settings: Readonly<Record<string, string>>,
  { url }: Service,
  missing: string,
): Promise<void> {
  t.equal((await fetch(`${url}/videos/${missing}`)).status, 200, 'its row is there')
  for (const file of ['source', 'stream'])
    t.equal((await fetch(`${url}/videos/${missing}/${file}`)).status, 404, file)
  await until(async () => {
    const ready = await (await fetch(`${url}/health/ready`)).text()
    return JSON.parse(ready).checks.sources.status === 'down'
  })
  t.match(await (await fetch(`${url}/metrics`)).text(), /^longtake_sources_missing 1$/m)
  await fetch(`${url}/videos/${missing}/retry?step=audio`, { method: 'POST' })
  const { steps } = await endedVideo(url, missing)
  t.match(steps.find(({ name }) => name === 'audio')?.error, { code: 'source_missing' })
  const { code, kinds } = await doctor(settings, '--json')
  t.equal(code, 1)
  t.ok(kinds.includes('source_missing'), `${kinds}`)
  const { sha256: hash } = await getJson(`${url}/videos/${kept}`)
  const source = await fetch(`${url}/videos/${kept}/source`)
  t.equal(sha256(await source.bytes()), hash, 'the other one is whole')
}

await t.test('an older database with newer files', async t => {
  const settings = { ...older, DATA_DIR: join(home, 'mixed') }
  const service = await start(settings)
  t.teardown(() => service.stop())
  await tells(settings, service, deleted)
  t.equal((await fetch(`${service.url}/videos/${added}`)).status, 404)
  const tus = new TusWire(service.url)
  t.equal(await tus.offset(upload), 300_000, 'what the row acknowledges counts')
  t.equal((await tus.patch(upload, 300_000, part(300_000, BYTES.length))).status, 204)
  const source = await fetch(`${service.url}${upload.replace('uploads', 'videos')}/source`)
  t.equal(sha256(await source.bytes()), sha256(BYTES), 'the upload goes on')
})

await t.test('a newer database with older files', async t => {
  const settings = { ...newer, DATA_DIR: older.DATA_DIR }
  const service = await start(settings)
  t.teardown(() => service.stop())
  await tells(settings, service, added)
  t.equal((await fetch(`${service.url}/videos/${deleted}`)).status, 404)
  t.equal(
    (await new TusWire(service.url).head(upload)).status,
    410,
    'acknowledged bytes are lost: it begins anew',
  )
})
