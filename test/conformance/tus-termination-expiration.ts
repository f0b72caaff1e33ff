import { existsSync } from 'node:fs'
import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Flavour } from '../support/flavours.ts'
import type { LastingService } from '../support/lasting-service.ts'
import { startService } from '../support/service.ts'
import { uploadId } from '../support/tus-upload.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

// tus resumable upload protocol 1.0.0, Termination and Expiration. With a finished upload its video is deleted.

/** Seconds: long enough that a machine under load asks again in time, because in time is what the server goes by. */
const EXPIRY = 8
const GONE = [404, 410]
/** IMF-fixdate, the one form of RFC 9110 §5.6.7 that may be generated. */
const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/

export async function tusTerminationAndExpiration(
  t: Test,
  { service }: LastingService,
  flavour: Flavour,
): Promise<void> {
  const tus = new TusWire(service.url)
  const file = (path: string) => join(service.dataDir, path)

  await t.test('Tus-Extension names both', async t => {
    const names = String((await tus.send('OPTIONS', '/uploads')).headers['tus-extension']).split(',')
    t.ok(names.includes('termination'))
    t.ok(names.includes('expiration'))
  })

  await t.test('DELETE: 204, what it held is freed, and it stays away', async t => {
    const path = await tus.create(10)
    await tus.patch(path, 0, '01234')
    t.ok(existsSync(file(path)))
    const { status, text } = await tus.send('DELETE', path)
    t.equal(status, 204)
    t.equal(text, '')
    t.notOk(existsSync(file(path)))
    const later = [
      await tus.head(path),
      await tus.patch(path, 5, '56789'),
      await tus.patch(path, 0, '0123456789'),
      await tus.send('DELETE', path),
    ]
    for (const { status } of later) t.ok(GONE.includes(status), `${status}`)
    t.notOk(existsSync(file(path)), 'and nothing of it comes back')
    t.equal((await fetch(`${service.url}/videos/${uploadId(path)}`)).status, 404)
  })

  await t.test('DELETE: of an upload whose bytes were lost', async t => {
    for (const lose of [(path: string) => truncate(path, 3), (path: string) => rm(path)]) {
      const path = await tus.create(10)
      await tus.patch(path, 0, '01234')
      await lose(file(path))
      t.equal((await tus.head(path)).status, 410)
      t.equal((await tus.send('DELETE', path)).status, 204)
      t.equal((await tus.head(path)).status, 404)
      t.notOk(existsSync(file(path)))
    }
  })

  await t.test('DELETE: of an upload that is being written ends the writer', async t => {
    const path = await tus.create(10_000_000)
    const { outgoing, answer } = tus.openPatch(path, 0)
    outgoing.write(Buffer.alloc(100_000))
    t.equal((await tus.send('DELETE', path)).status, 204)
    outgoing.end()
    const status = await answer.then(
      ({ status }) => status,
      () => 0,
    )
    // Its bytes so far are kept before the upload goes: an answer that says so is as good as none.
    t.ok([0, 204, 400, 404, 409, 410, 423].includes(status), `the writer: ${status}`)
    t.ok(GONE.includes((await tus.head(path)).status))
    t.notOk(existsSync(file(path)), 'the writer brings nothing back')
  })

  await t.test('DELETE: of what is finished deletes the video, as DELETE of the video does', async t => {
    const path = await tus.create(5)
    t.equal((await tus.patch(path, 0, 'hello')).status, 204)
    const video = `${service.url}/videos/${uploadId(path)}`
    t.equal((await tus.send('DELETE', path, { 'if-match': '"another"' })).status, 412, 'under its conditions')
    t.equal((await fetch(`${video}/source`)).status, 200)
    const { headers } = await fetch(video)
    const seen = { 'if-match': headers.get('etag')! }
    t.equal((await tus.send('DELETE', path, seen)).status, 204)
    t.equal((await fetch(video)).status, 404)
    t.notOk(existsSync(file(path)))
    for (const { status } of [await tus.send('DELETE', path), await tus.head(path)])
      t.ok(GONE.includes(status))
    const empty = await tus.create(0)
    const both = await Promise.all([tus.send('DELETE', empty), tus.send('DELETE', empty)])
    t.same(both.map(({ status }) => status).sort(), [204, 404], 'one of two')
  })

  await t.test(
    'Upload-Expires: with the creation and in every answer to a PATCH, until it is finished',
    async t => {
      const creation = await tus.send('POST', '/uploads', { 'upload-length': 10 })
      const path = creation.headers.location!
      const answers = {
        creation,
        'creation with upload': await tus.send(
          'POST',
          '/uploads',
          { 'upload-length': 10, 'content-type': OCTETS },
          'a',
        ),
        HEAD: await tus.head(path),
        PATCH: await tus.patch(path, 0, '01234'),
        'PATCH of nothing': await tus.patch(path, 5, ''),
        'PATCH conflict': await tus.patch(path, 0, '01234'),
        'PATCH mismatch': await tus.patch(path, 5, 'x', { 'upload-checksum': 'crc32 AAAAAA==' }),
        'PATCH too large': await tus.patch(path, 5, 'x'.repeat(100)),
      }
      for (const [name, { status, headers }] of Object.entries(answers)) {
        const value = String(headers['upload-expires'])
        t.match(value, HTTP_DATE, `${name}: ${status}`)
        t.ok(Date.parse(value) > Date.now(), 'to come')
      }
      const last = await tus.patch(path, 5, '56789')
      t.equal(last.status, 204)
      t.equal(last.headers['upload-expires'], undefined)
      t.equal((await tus.head(path)).headers['upload-expires'], undefined)
    },
  )

  await t.test('what is used does not expire; what is abandoned does', async t => {
    // Two services on one database would expire each other's uploads.
    const own = flavour.name === 'served' && { DATABASE_URL: await flavour.postgres.createDatabase() }
    const service = await startService({
      env: { ...flavour.env, ...own, UPLOAD_EXPIRY: `${EXPIRY}`, SWEEP_INTERVAL: '1' },
    })
    t.teardown(() => service.stop())
    const tus = new TusWire(service.url)
    const creation = await tus.send('POST', '/uploads', { 'upload-length': 1_000_000 })
    const path = creation.headers.location!
    const abandoned = await tus.create(10)
    const first = Date.parse(String(creation.headers['upload-expires']))
    let offset = 0
    const used = await until(async () => {
      const { status, headers } = await tus.patch(path, offset++, 'x')
      if (status !== 204) return status
      return (
        Date.parse(String(headers['upload-expires'])) > first + 1000 && Date.now() > first + 1000 && status
      )
    })
    t.equal(used, 204, 'it is there beyond the time that its creation named')
    t.ok(GONE.includes((await tus.head(abandoned)).status), 'the other is not')
    const patched = await tus.patch(abandoned, 0, '0123456789')
    t.ok(GONE.includes(patched.status), `nor can it be resumed: ${patched.status}`)
    await until(() => !existsSync(join(service.dataDir, abandoned)))
  })
}
