import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { startChildProgram } from '../support/child-program.ts'
import { COMPILE_CACHE } from '../support/compile-cache.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgres } from '../support/postgres.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

// What a start and a command say when the PostgreSQL server cannot be used.

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAMS = { service: ['src/main.ts'], key: ['scripts/key.ts', 'list'], doctor: ['scripts/doctor.ts'] }
const REFUSED = /^DATABASE_URL: the PostgreSQL server cannot be used: .*\.$/
const WAITING = /DATABASE_URL: waiting for the PostgreSQL server: /

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const { port } = postgres
const closed = await freePort()

/** Lines of output until `ready` finds what it looks for, or the end. */
async function run(program: keyof typeof PROGRAMS, url: string, ready: RegExp) {
  const { PATH = '' } = process.env
  const [script, ...args] = PROGRAMS[program]
  const env = {
    PATH,
    ...COMPILE_CACHE,
    DATABASE_URL: url,
    DATA_DIR: throwAwayDirectory('data'),
    ROLE: 'api',
    PORT: '0',
  }
  return startChildProgram({
    command: process.execPath,
    args: [join(ROOT, script!), ...args],
    spawn: { env },
    ready: line => (ready.test(line) ? line : undefined),
    lastSignal: 'SIGKILL',
  })
}

async function requirePassword(): Promise<void> {
  const client = new pg.Client(postgres.url('postgres'))
  await client.connect()
  await client.query("create role guarded login password 'right'")
  const { rows } = await client.query("select current_setting('hba_file') as path")
  const { path } = rows[0]
  writeFileSync(path, `host all guarded 127.0.0.1/32 scram-sha-256\n${readFileSync(path, 'utf8')}`)
  await client.query('select pg_reload_conf()')
  await client.end()
}

await requirePassword()
for (const [what, url, reason] of [
  ['a wrong password', `postgres://guarded:wrong@127.0.0.1:${port}/postgres`, /password authentication/],
  ['a missing database', postgres.url('nowhere'), /database "nowhere" does not exist/],
] as const) {
  t.test(`${what} is one sentence, at once`, async t => {
    for (const program of ['service', 'key', 'doctor'] as const) {
      const { ready, output, exited } = await run(program, url, REFUSED)
      t.match(ready, reason, program)
      t.ok([1, 2].includes((await exited).code ?? 0))
      t.same(output, [ready], 'and nothing else: no stack trace, no secret')
      t.notMatch(ready, 'wrong')
    }
  })
}

t.test('a command waits for a while for a server that cannot be reached', async t => {
  const url = `postgres://longtake@127.0.0.1:${closed}/longtake`
  await Promise.all(
    (['key', 'doctor'] as const).map(async program => {
      const { ready, output, exited } = await run(program, url, REFUSED)
      t.match(ready, /ECONNREFUSED/)
      t.ok([1, 2].includes((await exited).code ?? 0))
      t.equal(output.filter(line => WAITING.test(line)).length, 1, output.join('\n'))
      t.equal(output.length, 2)
    }),
  )
})

/** A message of PostgreSQL's protocol (PostgreSQL, "Message Formats"). */
function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + body.length)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')])
}

t.test('a start waits for a server that stops as soon as it has accepted a connection', async t => {
  const stopping = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () =>
      // In one packet: the client is ready, and its connection has failed, before it sends a statement.
      socket.end(
        Buffer.concat([
          message('R', '\0\0\0\0'),
          message('Z', 'I'),
          message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
        ]),
      ),
    )
  }).listen(0, '127.0.0.1')
  await once(stopping, 'listening')
  t.teardown(() => stopping.close())
  const { port } = stopping.address() as AddressInfo
  const { ready, end } = await run(
    'service',
    `postgres://longtake@127.0.0.1:${port}/longtake`,
    /DATABASE_URL/,
  )
  t.match(ready, WAITING)
  t.same(await end('SIGTERM'), { code: 0, signal: null })
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`a start waits for the server until ${signal} ends it`, async t => {
    const { output, end } = await run('service', `postgres://longtake@127.0.0.1:${closed}/longtake`, WAITING)
    t.same(await end(signal), { code: 0, signal: null })
    t.equal(output.length, 2, output.join('\n'))
    t.match(output[1], /"msg":"stopping"/)
  })
}
