import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { plainError, scrubber, secretsOf } from '../src/base/log.ts'
import { loadConfig } from '../src/config/load.ts'
import { failure } from './support/failure.ts'
import { startPostgres } from './support/postgres.ts'

const PASSWORD = 'p@ss/w:rd?é#1'
const ENV = {
  DATABASE_URL: `postgres://user:${encodeURIComponent(PASSWORD)}@db.example/longtake`,
  NATS_URL: 'nats://a-token-of-nats@nats.example:4222,nats://user:second-server@nats.example:4223',
  OPENAI_API_KEY: 'key-without-a-known-form',
  OPENAI_BASE_URL: 'http://proxy:open-sesame@speech.example/v1',
  AUTH: 'jwt',
  JWT_ALGORITHM: 'HS256',
  JWT_SECRET: 'quoted "secret" that is long enough, yes',
  JWT_ISSUER: 'i',
  JWT_AUDIENCE: 'a',
  PUBLIC_URL: 'https://video.example',
  OIDC_ISSUER: 'https://id.example',
  OIDC_CLIENT_ID: 'longtake',
  OIDC_CLIENT_SECRET: 'quoted "client" secret',
  LINK_SECRETS: `${'first-'.repeat(8)},${'second-'.repeat(8)}`,
}

t.test('values of settings that are secrets are not printed in any form', async t => {
  const scrub = scrubber(secretsOf(loadConfig(ENV)))
  const values = [
    PASSWORD,
    'a-token-of-nats',
    'second-server',
    ENV.OPENAI_API_KEY,
    'open-sesame',
    ENV.JWT_SECRET,
    ENV.OIDC_CLIENT_SECRET,
    ...ENV.LINK_SECRETS.split(','),
  ]
  for (const value of values) {
    for (const form of [value, encodeURIComponent(value), JSON.stringify(value), JSON.stringify({ value })]) {
      const text = scrub(`before ${form} after`)
      t.notMatch(text, value, form)
      t.match(text, /^before .*… ?.*after$/, 'and the rest is')
    }
  }
  const urls = scrub(Object.values(ENV).join(' '))
  for (const value of values) t.notOk(urls.includes(value) || urls.includes(encodeURIComponent(value)), value)
})

t.test('credentials are recognized by their form', async t => {
  const scrub = scrubber([])
  const secret = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE'
  for (const text of [
    `postgres://user:${secret}@host/db`,
    `connect to nats://${secret}@host:4222 failed`,
    `https://user:${secret}@example.com/hook?x=1`,
    `/videos/x/source?kind=source&expires=1&signature=${secret}`,
    `/uploads?link=${secret}`,
    `/videos/x/stream?share=${secret}`,
    `{"url":"/uploads/x?link=${secret}&y=1"}`,
    `{"authorization":"Bearer ${secret}"}`,
    `authorization: bearer ${secret}`,
    `Basic ${secret}`,
    `longtake_${secret}`,
    `whsec_${secret}`,
    `Incorrect API key provided: sk-${secret}`,
    `eyJhbGciOi.${secret}.${secret}`,
  ])
    t.notOk(scrub(text).includes(secret), scrub(text))
  for (const text of ['http://127.0.0.1:3000/videos?limit=1', 'a@b.example', 'video 01a2-3 is ready'])
    t.equal(scrub(text), text)
})

t.test("an error's members are named; everything else on it stays out", async t => {
  const cause = Object.assign(new TypeError('inner'), { client: { password: 'hunter2hunter2' } })
  const error = Object.assign(new Error('outer', { cause }), { code: 'E1', client: { secretKey: 12345 } })
  const plain = plainError(error)
  t.match(plain, {
    type: 'Error',
    message: 'outer',
    code: 'E1',
    cause: { type: 'TypeError', message: 'inner' },
  })
  t.notMatch(JSON.stringify(plain), /hunter2|12345/)
  const endless = new Error('a')
  endless.cause = endless
  t.ok(JSON.stringify(plainError(endless)), 'a cycle ends')
  t.match(plainError(new AggregateError([error], 'all')), {
    type: 'AggregateError',
    errors: [{ code: 'E1' }],
  })
})

t.test("a lost connection's error carries pg's client, and the log does not print it", async t => {
  const postgres = await startPostgres()
  const client = new pg.Client(await postgres.createDatabase({ empty: true }))
  await client.connect()
  const key = String((client as unknown as { secretKey: number }).secretKey)
  client.on('error', () => {})
  const lost = failure(client.query('select pg_sleep(60)'))
  await postgres.kill()
  const error = (await lost) as Error
  const script = `
    import { createLog, scrubber } from './src/base/log.ts'
    const log = await createLog('info', scrubber(['a-secret-value']))
    const error = Object.assign(new Error('lost a-secret-value'), { client: { secretKey: ${key} } })
    log.warn({ err: error, other: error }, 'a-secret-value')
    log.child({ a: 1 }).error(error)`
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(lines, [
    { msg: '…', err: { type: 'Error', message: 'lost …', stack: String }, other: { type: 'Error' } },
    { err: { type: 'Error' }, a: 1 },
  ])
  t.notOk(stderr.includes(key) || stderr.includes('secretKey') || stderr.includes('a-secret-value'))
  t.notMatch(JSON.stringify(plainError(error)), key)
})
