import pg from 'pg'
import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { startPostgres } from '../support/postgres.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

type Settings = Readonly<Record<string, string | undefined>>

const HALF = Buffer.alloc(100_000, 'a')

/** What a process says that is refused. */
async function refusal(env: Settings): Promise<string> {
  try {
    const service = await startService({ env })
    await service.kill()
    return 'it started'
  } catch (error) {
    return (error as Error).message
  }
}

await t.test('of several api processes one takes uploads', async t => {
  const postgres = await startPostgres()
  const DATABASE_URL = await postgres.createDatabase()
  const env = { DATABASE_URL, DATA_DIR: throwAwayDirectory('one-api') }
  const first = await startService({ env: { ...env, ROLE: 'api' } })
  t.teardown(() => postgres.stop())
  t.teardown(() => first.kill())

  await t.test('the others are refused, but not workers', async t => {
    const elsewhere = { DATA_DIR: throwAwayDirectory('elsewhere') }
    const other = { DATABASE_URL: await postgres.createDatabase() }
    const inUse = /^.*is in use by another Longtake process: .*ROLE=worker.*$/m
    const cases: [string, Settings, RegExp][] = [
      ['another one with all roles', { ...env, ROLE: 'all' }, inUse],
      ['one on another database', { ...env, ...other, ROLE: 'api' }, inUse],
      ['one with an embedded database', { DATA_DIR: env.DATA_DIR }, inUse],
      [
        'one on another directory',
        { ...env, ...elsewhere, ROLE: 'api' },
        /another api process of Longtake uses this database/,
      ],
    ]
    const worker = startService({ env: { ...env, ROLE: 'worker' } })
    const messages = await Promise.all(cases.map(([, settings]) => refusal(settings)))
    for (const [index, [name, , expected]] of cases.entries()) {
      t.match(messages[index], expected, name)
      t.notMatch(messages[index], /^ +at /m, 'a sentence, no stack trace')
    }
    await (await worker).stop()
  })

  await t.test('one that lost its lock takes no uploads until it has it again', async t => {
    const tus = new TusWire(first.url)
    const draft = new DraftWire(first.url)
    const path = await tus.create(2 * HALF.length)
    const headers = { 'tus-resumable': '1.0.0', 'upload-offset': 0, 'content-type': OCTETS }
    const inFlight = openRequest(first.url, path, {
      method: 'PATCH',
      headers: { ...headers, 'content-length': 2 * HALF.length },
    })
    inFlight.outgoing.on('error', () => {}).write(HALF)
    await until(async () => (await tus.offset(path)) === HALF.length)
    // A server that is ended while a client is connected must not end this process.
    const client = new pg.Client(DATABASE_URL).on('error', () => {})
    await client.connect()
    // Waits for the lock, and gets it the moment that the service's connection is cut.
    const taken = client.query("select pg_advisory_lock(hashtextextended('longtake api', 0))")
    const admin = new pg.Client(DATABASE_URL).on('error', () => {})
    await admin.connect()
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longtake api'",
    )
    await taken
    t.equal((await inFlight.answer).status, 503, 'a body on its way in ends')
    t.match((await inFlight.answer).headers, { 'retry-after': '1' })
    const id = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
    const form = { 'content-type': 'multipart/form-data; boundary=b' }
    for (const [name, answer] of Object.entries({
      'tus POST': tus.send('POST', '/uploads', { 'upload-length': 5 }),
      'tus PATCH': tus.patch(path, HALF.length, 'x'),
      'tus DELETE': tus.send('DELETE', path),
      'POST of the draft': draft.post(true, 'x'),
      'PATCH of the draft': draft.append(path, HALF.length, true, 'x'),
      'POST /recordings': rawRequest(first.url, '/recordings', { method: 'POST' }),
      'PUT of a chunk': rawRequest(first.url, `/recordings/${id}/chunks/0`, { method: 'PUT', body: 'x' }),
      'POST /videos': rawRequest(first.url, '/videos', { method: 'POST', headers: form, body: '--b--' }),
      'POST /api/videos': rawRequest(first.url, '/api/videos', {
        method: 'POST',
        headers: form,
        body: '--b--',
      }),
    })) {
      const { status, headers } = await answer
      t.match([status, headers['retry-after']], [503, '1'], name)
      if (name.endsWith('draft')) t.equal(headers['upload-complete'], '?0', name)
    }
    t.equal(await tus.offset(path), HALF.length, 'reading goes on')
    t.equal((await rawRequest(first.url, '/videos')).status, 200)
    t.equal((await rawRequest(first.url, '/health/ready')).status, 503)
    await until(() =>
      first.logs.some(({ msg = '' }) => /another api process .* takes no uploads until/.test(msg)),
    )
    await client.end()
    await admin.end()
    await until(async () => (await tus.patch(path, HALF.length, HALF)).status === 204)
    t.equal(first.logs.filter(({ level = 0 }) => level >= 60).length, 0)
  })

  await t.test('the next one starts after a kill, and while the one before it stops', async t => {
    await first.kill()
    const second = await startService({ env: { ...env, ROLE: 'api' } })
    const third = startService({ env: { ...env, ROLE: 'api' } })
    await second.stop()
    const service = await third
    t.equal((await new TusWire(service.url).send('POST', '/uploads', { 'upload-length': 5 })).status, 201)
    await service.stop()
  })
})

await t.test('so it is with the embedded database', async t => {
  const env = { DATA_DIR: throwAwayDirectory('one-embedded') }
  const first = await startService({ env })
  t.match(await refusal(env), /is in use by another Longtake process/)
  const second = startService({ env })
  await first.stop()
  await (await second).stop()
})
