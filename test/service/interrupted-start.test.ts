import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { atExit } from '../support/at-exit.ts'
import { COMPILE_CACHE } from '../support/compile-cache.ts'
import { Gate } from '../support/gate.ts'
import { NatsServer } from '../support/nats-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

// A signal during the start, whatever the start waits for: the process ends with exit code 0, and no stack trace.

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
/** Numbers of messages that PostgreSQL answers: fewer than a start sends before its roles start. */
const MESSAGES = [0, 5, 10, 15]

const [postgres, nats] = await Promise.all([startPostgres(), NatsServer.start()])
t.teardown(() => Promise.all([postgres.stop(), nats.stop()]))
const database = new URL(await postgres.createDatabase()).pathname

type Env = Readonly<Record<string, string>>

interface Started {
  readonly pid: number
  readonly output: readonly string[]
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Waits until it has logged that it stops, or has ended. */
  stopping(): Promise<unknown>
}

function start(env: Env, ...options: string[]): Started {
  const child = spawn(process.execPath, [...options, MAIN], {
    env: {
      ...{ PATH: process.env['PATH'], ...COMPILE_CACHE, TMPDIR: throwAwayDirectory('tmp') },
      ...{ HOST: '127.0.0.1', PORT: '0', SPEECH_ENGINE: 'off', DATA_DIR: throwAwayDirectory('data') },
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  atExit(() => child.kill('SIGKILL'))
  const output: string[] = []
  let hasEnded = false
  child.once('exit', () => (hasEnded = true))
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', line => output.push(line))
  return {
    pid: child.pid!,
    output,
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal })),
    stopping: () => until(() => hasEnded || output.some(line => line.includes('"msg":"stopping"'))),
  }
}

const hasStarted = ({ output }: Started) => output.some(line => /"msg":"(listening|working)"/.test(line))

/** Sends SIGTERM during the start, and once more, as npm and shells do. */
async function endsInOrder(t: Test, started: Started): Promise<void> {
  t.notOk(hasStarted(started), 'the start is not over')
  process.kill(started.pid, 'SIGTERM')
  await started.stopping()
  signalQuietly(started.pid)
  t.same(await started.ended, { code: 0, signal: null }, started.output.join('\n'))
  t.notMatch(started.output.join('\n'), /^ +at |"stack"/m, 'no stack trace')
}

/** Nothing happens if the process has ended. */
function signalQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {}
}

const url = (port: number) => `postgres://longtake@127.0.0.1:${port}${database}`

/** Starts the service. PostgreSQL answers nothing any more after a number of messages. */
async function startUntil(t: Test, messages: number, env: Env): Promise<[Started, Gate]> {
  const gate = await Gate.before(postgres.port, messages, 'silent')
  t.teardown(() => gate.close())
  return [start({ DATABASE_URL: url(gate.port), NATS_URL: nats.url, ...env }), gate]
}

t.test('while its code loads', async t => {
  const reporter = "process.on('newListener', name => name === 'SIGTERM' && console.log('has a handler'))"
  const env = { DATABASE_URL: url(postgres.port), ROLE: 'api' }
  const started = start(env, '--import', `data:text/javascript,${encodeURIComponent(reporter)}`)
  await until(() => started.output.includes('has a handler'), { interval: 1 })
  await endsInOrder(t, started)
})

for (const role of ['api', 'worker'] as const) {
  t.test(`${role}: while PostgreSQL does not answer`, async t => {
    for (const messages of MESSAGES) {
      const [started, gate] = await startUntil(t, messages, { ROLE: role })
      await gate.closed
      await endsInOrder(t, started)
    }
  })

  t.test(`${role}: while the S3 service does not answer`, async t => {
    const gate = await Gate.before(postgres.port, 0, 'silent')
    t.teardown(() => gate.close())
    const started = start({
      ...{ ROLE: role, DATABASE_URL: url(postgres.port), NATS_URL: nats.url },
      ...{ STORAGE_URL: `s3://bucket/prefix?endpoint=http://127.0.0.1:${gate.port}` },
      ...{ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' },
    })
    await gate.closed
    await endsInOrder(t, started)
  })
}
