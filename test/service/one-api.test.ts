import pg from 'pg'
import t from 'tap'
import { startPostgres } from '../support/postgres.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const TUS = { 'tus-resumable': '1.0.0' }

t.test('of several api processes one takes uploads', async t => {
  const postgres = await startPostgres()
  const DATABASE_URL = await postgres.createDatabase()
  const env = { DATABASE_URL, DATA_DIR: throwAwayDirectory('one-api') }
  const first = await startService({ env: { ...env, ROLE: 'api' } })
  t.teardown(() => postgres.stop())
  t.teardown(() => first.kill())
  const refusal = (settings: Record<string, string | undefined>) =>
    startService({ env: { ...env, ...settings } }).then(
      async service => {
        await service.kill()
        return 'it started'
      },
      (error: Error) => error.message,
    )
  for (const ROLE of ['api', 'all'])
    t.match(await refusal({ ROLE }), /is in use by another Longtake process: .*ROLE=worker/, ROLE)
  const elsewhere = { ROLE: 'api', DATA_DIR: throwAwayDirectory('elsewhere') }
  t.match(await refusal(elsewhere), /another api process of Longtake uses this database/)
  const other = { ROLE: 'api', DATABASE_URL: await postgres.createDatabase() }
  t.match(await refusal(other), /is in use by another Longtake process/, 'one data directory, two databases')
  t.match(await refusal({ DATABASE_URL: undefined }), /is in use by another Longtake process/, 'one embedded')
  const workers = await Promise.all([1, 2].map(() => startService({ env: { ...env, ROLE: 'worker' } })))
  for (const worker of workers) await worker.stop()

  const post = async (url: string) => {
    const headers = { ...TUS, 'upload-length': 3 }
    return (await rawRequest(url, '/uploads', { method: 'POST', headers })).status
  }
  t.equal(await post(first.url), 201)
  // A server that is ended while a client is connected must not end this process.
  const client = new pg.Client(DATABASE_URL).on('error', () => {})
  await client.connect()
  // Waits for the right, and gets it the moment that the service's connection is cut.
  const taken = client.query("select pg_advisory_lock(hashtextextended('longtake api', 0))")
  const admin = new pg.Client(DATABASE_URL).on('error', () => {})
  await admin.connect()
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longtake api'",
  )
  await taken
  await until(async () => (await post(first.url)) === 503)
  t.equal((await rawRequest(first.url, '/videos')).status, 200, 'what changes nothing goes on')
  await until(() =>
    first.logs.some(({ msg }) => msg === 'another api process has taken over: stop one of the two'),
  )
  await client.end()
  await admin.end()
  await until(async () => (await post(first.url)) === 201)

  await first.kill()
  const second = await startService({ env: { ...env, ROLE: 'api' } })
  t.equal(await post(second.url), 201, 'after a kill the next one can start')
  await second.stop()
})
