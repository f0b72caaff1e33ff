import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startChildProgram } from '../../test/support/child-program.ts'
import { freePort } from '../../test/support/free-port.ts'
import type { Postgres } from '../../test/support/postgres.ts'
import { throwAwayDirectory } from '../../test/support/throw-away-directory.ts'
import type { LoadOptions } from './load.ts'
import { nginxConfig } from './nginx.ts'

/** The servers that are compared. The others are measured by `ours`. */
export const CONTENDERS = {
  ours: 'Longtake, PostgreSQL',
  embedded: 'Longtake, embedded',
  stock: '@tus/server',
  bare: 'bare node:http',
  nginx: 'nginx PUT',
} as const
export type ContenderName = keyof typeof CONTENDERS

/** A server that takes uploads, in a process of its own. */
export interface Contender {
  readonly name: ContenderName
  readonly pid: number
  readonly url: string
  readonly protocol: LoadOptions['protocol']
  /** Whether it lets one request at a time write to an upload. */
  readonly locks: boolean
  /** The lines that it has printed so far; it grows. */
  readonly output: readonly string[]
  /** Removes the bytes that it was sent, and waits until the disk is at rest. */
  clean(): void
  stop(): Promise<void>
}

export interface Surroundings {
  readonly postgres: Postgres
  /** The directory for the CPU profile of ours, if one is wanted. */
  readonly profileDirectory: string | undefined
}

export async function startContender(name: ContenderName, around: Surroundings): Promise<Contender> {
  const directory = throwAwayDirectory(`bench-${name}`)
  const uploads = join(directory, 'uploads')
  mkdirSync(uploads)
  const program = await startChildProgram({
    ...(await commandOf(name, directory, around)),
    lastSignal: 'SIGKILL',
  })
  return {
    name,
    pid: program.pid,
    output: program.output,
    url: `http://127.0.0.1:${program.ready}`,
    protocol: name === 'nginx' ? 'put' : 'tus',
    locks: name !== 'nginx' && name !== 'bare',
    clean() {
      for (const file of readdirSync(uploads)) rmSync(join(uploads, file), { recursive: true })
      execFileSync('sync', ['--file-system', directory])
    },
    async stop() {
      await program.end('SIGTERM')
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    },
  }
}

async function commandOf(
  name: ContenderName,
  directory: string,
  { postgres, profileDirectory }: Surroundings,
) {
  const node = (args: string[], settings: Readonly<Record<string, string>> = {}) => ({
    command: process.execPath,
    args,
    spawn: { env: { PATH: process.env['PATH'], ...settings } },
    ready: (line: string) => /^(?:port |Page: +http:\/\/127\.0\.0\.1:)(\d+)/.exec(line)?.[1],
  })
  const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
  const settings = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, LOG_LEVEL: 'warn' }
  switch (name) {
    case 'ours': {
      const profile = profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : []
      const served = { ROLE: 'api', DATABASE_URL: await postgres.createDatabase() }
      return node([...profile, main], { ...settings, ...served })
    }
    case 'embedded':
      return node([main], settings)
    case 'stock':
      return node([join(import.meta.dirname, 'stock-server.ts'), directory])
    case 'bare':
      return node([join(import.meta.dirname, 'bare-server.ts'), directory])
    case 'nginx': {
      const port = await freePort()
      return {
        command: 'nginx',
        args: ['-p', directory, '-c', nginxConfig(directory, port), '-e', 'stderr'],
        ready: (line: string) => (line.includes('start worker process') ? String(port) : undefined),
      }
    }
  }
}
