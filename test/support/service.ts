import { join } from 'node:path'
import { SETTINGS } from '../../src/config/settings.ts'
import { type Exit, startChildProgram } from './child-program.ts'
import { COMPILE_CACHE } from './compile-cache.ts'
import { seedEmbeddedDatabase } from './embedded-database.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface ServiceOptions {
  /** Settings, on top of PORT=0, HOST=127.0.0.1, TRANSCRIBE_CHECK=off, a throw-away DATA_DIR, and no speech-to-text unless `OPENAI_…` names one. None of this process' own reach the service. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The repository's root where it is absent. */
  readonly cwd?: string
}

export type LogLine = { readonly msg?: string; readonly level?: number } & Readonly<Record<string, unknown>>

export interface Service {
  /** Where it listens, without a trailing slash; empty with ROLE=worker, which does not. */
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  /** Its log so far; it grows. */
  readonly logs: readonly LogLine[]
  /** Lines of its stdout and stderr so far, those of the log among them. */
  readonly output: readonly string[]
  readonly exited: Promise<Exit>
  /** Sends SIGTERM and waits for the end. @throws Error with the last output where its exit code is not 0 */
  stop(): Promise<void>
  /** Sends SIGKILL and waits for the end. What it had started may go on until this process ends. */
  kill(): Promise<void>
}

/** Tests count what is sent to the speech-to-text service. */
const DEFAULTS = { HOST: '127.0.0.1', PORT: '0', TRANSCRIBE_CHECK: 'off' }
const ROOT = join(import.meta.dirname, '..', '..')
/** Services that are killed leave directories behind here. */
const TMPDIR = throwAwayDirectory('tmp')
/** A developer's own settings, and what tap tells the Node processes that it starts. */
const NOT_INHERITED = /^(OPENAI_|DATABASE_|NATS_|PG|TAP|_TAPJS|NODE_OPTIONS$)/
const isInherited = (name: string) => !NOT_INHERITED.test(name) && !Object.hasOwn(SETTINGS, name)

/**
 * Runs the whole program as a process of its own and waits until it serves. It ends with this process at the latest.
 * @throws Error with its last output where it ends before.
 */
export async function startService({ env = {}, cwd = ROOT }: ServiceOptions = {}): Promise<Service> {
  const dataDir = env['DATA_DIR'] ?? throwAwayDirectory('data')
  if (!env['DATABASE_URL']) await seedEmbeddedDatabase(dataDir)
  const logs: LogLine[] = []
  const inherited = Object.entries(process.env).filter(([name]) => isInherited(name))
  const program = await startChildProgram<string>({
    command: process.execPath,
    args: [join(ROOT, 'src', 'main.ts')],
    spawn: {
      cwd,
      env: {
        ...Object.fromEntries(inherited),
        ...COMPILE_CACHE,
        TMPDIR,
        ...DEFAULTS,
        SPEECH_ENGINE: env['OPENAI_BASE_URL'] || env['OPENAI_API_KEY'] ? 'openai' : 'off',
        ...env,
        DATA_DIR: dataDir,
      },
    },
    ready: line => readyUrl(parseLog(line)),
    onLine: line => {
      const log = parseLog(line)
      if (log) logs.push(log)
    },
    lastSignal: 'SIGKILL',
  })
  return {
    url: program.ready,
    pid: program.pid,
    dataDir,
    logs,
    output: program.output,
    exited: program.exited,
    async stop() {
      const { code, signal } = await program.end('SIGTERM')
      if (code === 0) return
      const last = program.output.slice(-40).join('\n')
      throw new Error(`The service ended with ${signal ?? `exit code ${code}`} after SIGTERM:\n${last}`)
    },
    async kill() {
      await program.end('SIGKILL')
    },
  }
}

function parseLog(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function readyUrl(log: LogLine | undefined): string | undefined {
  if (log?.msg === 'working') return ''
  return log?.msg === 'listening' && typeof log['url'] === 'string'
    ? log['url'].replace(/\/$/, '')
    : undefined
}
