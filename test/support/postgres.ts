import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { accessSync, chownSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { pino } from 'pino'
import { openPostgres } from '../../src/database/pg-database.ts'
import { atExit } from './at-exit.ts'
import { type ChildProgram, startChildProgram } from './child-program.ts'
import { freePort } from './free-port.ts'
import { seed } from './seed.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

const run = promisify(execFile)

export interface Postgres {
  readonly port: number
  /** The first process. It starts one process for each session. */
  readonly pid: number
  /** Where a database of this server is reached. The port stays over stop, kill and start. */
  url(database: string): string
  /** A new database with the tables of today and no rows in them, as migrations are under test in `test/database`; or one without tables. @returns its url */
  createDatabase(options?: { readonly empty?: boolean }): Promise<string>
  /** Ends every session, writes everything out and stops: PostgreSQL's "fast" shutdown. What it holds stays. */
  stop(): Promise<void>
  /** Stops at once, as in a crash: PostgreSQL's "immediate" shutdown. The next start recovers from the log. */
  kill(): Promise<void>
  /** Kills the first process with SIGKILL; the others end when they notice. Until then, `start` fails. */
  crash(): Promise<void>
  /** Starts it again after `stop`, `kill` or `crash`, on the same port and data. */
  start(): Promise<void>
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** With `LC_ALL=C`, as its messages are read here. */
const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
const USER = 'longtake'
/** The database that others are copied from. */
const MIGRATED = 'migrated'

/**
 * A private PostgreSQL on a free loopback port, in a directory that goes with this process. Its settings are the
 * defaults, so that `fsync` and `synchronous_commit` are on. Anyone on this machine may connect.
 * PostgreSQL refuses to run as root: started by root, it runs as the user `postgres`, or else `nobody`.
 * @throws Error that says what is missing.
 */
export async function startPostgres(): Promise<Postgres> {
  const initdb = findProgram('initdb')
  const user = await unprivilegedUser()
  const directory = directoryOf(user)
  await run('cp', ['-a', await seededCluster(initdb, user), join(directory, 'data')])
  return startCluster(initdb, user, directory)
}

/** The directory of a stopped PostgreSQL that has a database with all tables. */
async function seededCluster(initdb: string, user: User | undefined): Promise<string> {
  const { stdout: version } = await run(initdb, ['--version'], { env })
  const inputs = [version, JSON.stringify(user ?? {}), readFileSync(import.meta.filename, 'utf8')]
  return seed('postgres', inputs, async draft => {
    const directory = directoryOf(user)
    const data = join(directory, 'data')
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8'
    const settings = ['--encoding=UTF8', `--locale=${locale}`, '--auth=trust', '--no-sync']
    await run(initdb, [`--pgdata=${data}`, `--username=${USER}`, ...settings], {
      ...user,
      env,
      cwd: directory,
    })
    const server = await startCluster(initdb, user, directory)
    await query(server.url('postgres'), `CREATE DATABASE ${MIGRATED}`)
    const { close } = await openPostgres(server.url(MIGRATED), pino({ level: 'silent' }))
    await close()
    await server.stop()
    await run('cp', ['-a', data, draft])
  })
}

function directoryOf(user: User | undefined): string {
  const directory = throwAwayDirectory('postgres')
  if (user) chownSync(directory, user.uid, user.gid)
  // Run between the server's last signal and the removal of its directory, which fails while the server writes to it.
  atExit(() => waitUntilGone(join(directory, 'data', 'postmaster.pid')))
  return directory
}

async function startCluster(initdb: string, user: User | undefined, directory: string): Promise<Postgres> {
  const port = await freePort()
  let server: ChildProgram<true>

  async function start(): Promise<void> {
    server = await startChildProgram<true>({
      command: join(dirname(initdb), 'postgres'),
      args: ['-D', join(directory, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', ''],
      spawn: { ...user, env, cwd: directory },
      ready: line => line.includes('database system is ready to accept connections') || undefined,
      // SIGKILL would leave its shared memory behind.
      lastSignal: 'SIGQUIT',
    })
  }

  await start()
  const url = (database: string) => `postgres://${USER}@127.0.0.1:${port}/${database}`
  return {
    port,
    get pid() {
      return server.pid
    },
    url,
    start,
    async createDatabase({ empty = false } = {}) {
      const name = `test_${randomUUID().replaceAll('-', '')}`
      await query(url('postgres'), `CREATE DATABASE ${name} TEMPLATE ${empty ? 'template1' : MIGRATED}`)
      return url(name)
    },
    async stop() {
      await server.end('SIGINT')
    },
    async kill() {
      await server.end('SIGQUIT')
    },
    async crash() {
      await server.end('SIGKILL')
    },
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** PostgreSQL removes this file as its last act. Nothing asynchronous runs at the end of a process, so this blocks. */
function waitUntilGone(file: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; existsSync(file) && waited < 60_000; waited += 20) Atomics.wait(clock, 0, 0, 20)
}

/** Distributions keep PostgreSQL's programs out of PATH, in a directory for each version: the newest is taken. */
function findProgram(name: string): string {
  const versions = (root: string) =>
    entries(root)
      .sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a))
      .map(version => join(root, version, 'bin'))
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions('/usr/lib/postgresql'),
    '/usr/libexec/postgresql',
    ...entries('/usr')
      .filter(entry => entry.startsWith('pgsql-'))
      .map(entry => join('/usr', entry, 'bin')),
    ...entries('/opt/homebrew/opt')
      .filter(entry => entry.startsWith('postgresql'))
      .map(entry => join('/opt/homebrew/opt', entry, 'bin')),
  ]
  // Both must be in the same place: initdb alone does not serve.
  const found = directories.find(
    directory => runs(join(directory, name)) && runs(join(directory, 'postgres')),
  )
  if (found) return join(found, name)
  throw new Error(
    'These tests run on a real PostgreSQL, and its programs initdb and postgres were found neither in PATH nor where ' +
      'packages put them: install PostgreSQL 15 or later (Debian and Ubuntu: apt-get install postgresql).',
  )
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async flag => (await run('id', [flag, name])).stdout),
      )
      return { uid: Number(uid), gid: Number(gid) }
    } catch {
      // This machine has no such user.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as.',
  )
}
