import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { doctor } from '../support/run-doctor.ts'
import { type Service, startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'

/** Sound alone: less is to be done to it. */
const path = await clip({ seconds: 2, container: 'mp3' })

async function ready(url: string): Promise<{ status: string; checks: Record<string, { status: string }> }> {
  return (await (await fetch(`${url}/health/ready`)).json()) as never
}

/** A video that is done, and with its files. */
async function makeVideo({ url }: Service): Promise<string> {
  return (await endedVideo(url, (await postVideo(url, path)).id)).id
}

await flavours(t, async (t, flavour) => {
  const env = { ...flavour.env, DATA_DIR: throwAwayDirectory('doctor'), SWEEP_INTERVAL: '1' }
  const service = await startService({ env })
  t.teardown(() => service.kill())
  const { url, dataDir } = service
  const file = (key: string) => join(dataDir, key)

  await t.test('all is well, also while videos come and go', async t => {
    const busy = new AbortController()
    const traffic = (async () => {
      while (!busy.signal.aborted) {
        const { id } = await postVideo(url, path)
        await sleep(100)
        await fetch(`${url}/videos/${id}`, { method: 'DELETE' })
      }
    })()
    await makeVideo(service)
    const visit = await doctor(env, '--deep')
    busy.abort()
    await traffic
    t.equal(visit.code, 0, visit.stdout + visit.stderr)
    t.match(visit.stdout, 'No faults found.')
    t.match(visit.stderr, /Hashes: \d+ of \d+ files compared/)
    t.equal((await ready(url)).status, 'ready')
  })

  await t.test('a missing source is named everywhere, and the video goes on when it is back', async t => {
    const id = await makeVideo(service)
    const [key, away] = [file(`uploads/${id}`), file('away')]
    await rename(key, away)
    await until(async () => (await ready(url)).checks['sources']?.status === 'down')
    t.equal((await ready(url)).status, 'degraded')
    t.match(await (await fetch(`${url}/metrics`)).text(), /^longtake_sources_missing 1$/m)
    await fetch(`${url}/videos/${id}/retry?step=probe`, { method: 'POST' })
    const failed = await endedVideo(url, id)
    t.match(failed.error, { code: 'source_missing' })
    const visit = await doctor(env, '--json')
    t.equal(visit.code, 1)
    t.same(visit.kinds, ['source_missing'])
    await rename(away, key)
    await until(async () => (await ready(url)).status === 'ready')
    t.same((await doctor(env, '--json', '--repair')).kinds, ['source_is_back'])
    t.equal((await endedVideo(url, id)).status, 'ready')
  })

  await t.test('damage of every kind is found, and repaired where nothing can be lost', async t => {
    const [short, changed] = [await makeVideo(service), await makeVideo(service)]
    await appendFile(file(`uploads/${short}`), 'more')
    const bytes = readFileSync(file(`uploads/${changed}`))
    bytes[bytes.length - 20]! ^= 1
    await writeFile(file(`uploads/${changed}`), bytes)
    const tus = new TusWire(url)
    const upload = await tus.create(100)
    await tus.patch(upload, 0, '0123456789')
    await writeFile(file(upload.slice(1)), '01234')
    await mkdir(file('uploads'), { recursive: true })
    await writeFile(file('uploads/01900000-0000-7000-8000-000000000001'), 'newer than the database')
    await mkdir(file(`artifacts/${short}`), { recursive: true })
    await writeFile(file(`artifacts/${short}/nobodys.jpg`), 'x')

    const visit = await doctor(env, '--json', '--deep', '--repair')
    t.equal(visit.code, 1)
    t.same(visit.kinds, [
      'source_differs',
      'source_differs',
      'source_differs',
      'unknown_file',
      'unknown_file',
      'upload_bytes_missing',
    ])
    t.equal((await tus.head(upload)).status, 410, 'the client is told to begin again')
    t.equal((await tus.send('DELETE', upload)).status, 204, 'or to give it up')

    t.equal(visit.repairs.length, 2)
    t.equal(
      readFileSync(file('lost-and-found/uploads/01900000-0000-7000-8000-000000000001'), 'utf8'),
      'newer than the database',
    )
    await fetch(`${url}/videos/${short}?permanent=true`, { method: 'DELETE' })
    await fetch(`${url}/videos/${changed}?permanent=true`, { method: 'DELETE' })
  })

  await t.test('artifacts are made again', async t => {
    const id = await makeVideo(service)
    await rm(file(`artifacts/${id}`), { recursive: true })
    const visit = await doctor(env, '--json', '--repair')
    t.ok(
      visit.kinds.length >= 3 && visit.kinds.every(kind => kind === 'artifact_missing'),
      visit.kinds.join(),
    )
    await endedVideo(url, id)
    t.ok(existsSync(file(`artifacts/${id}`)))
  })

  await t.test('it looks while the service is stopped, and says why it cannot look', async t => {
    await service.stop()
    t.equal((await doctor(env)).code, 0)
    if (flavour.name === 'served') return
    const wrongSettings: Record<string, string>[] = [
      { ...env, DATA_DIR: '/nowhere/at/all' },
      { ...env, SWEEP_INTERVAL: 'never' },
      { DATABASE_URL: 'postgres://longtake@127.0.0.1:1/none', DATA_DIR: dataDir },
      { DATA_DIR: throwAwayDirectory('no-database') },
    ]
    for (const wrong of wrongSettings) {
      const { code, stdout, stderr } = await doctor(wrong)
      t.equal(code, 2)
      t.match(stderr, /^(DATA_DIR|SWEEP_INTERVAL|DATABASE_URL)\b.*\.$/m)
      t.notMatch(stdout + stderr, /\n\s+at /, 'no stack trace')
    }
    t.equal((await doctor(env, '--nonsense')).code, 2)
  })
})
