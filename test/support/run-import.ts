import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { atExit } from './at-exit.ts'
import { COMPILE_CACHE } from './compile-cache.ts'
import { until } from './until.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'import.ts')

export type Env = Readonly<Record<string, string>>

export interface ImportRun {
  readonly code: number
  readonly found: readonly string[]
  readonly problems: readonly string[]
  readonly skipped: readonly string[]
  readonly notes: readonly string[]
  /** Undefined if it could not begin. */
  readonly end: { imported: number; known: number; skipped: number; problems: number } | undefined
  readonly stderr: string
}

/** Runs the command as a process of its own, with these settings only. */
export function runImport(env: Env, ...args: string[]): Promise<ImportRun> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [SCRIPT, '--json', ...args],
      { env: withPath(env) },
      (error, stdout, stderr) => {
        const lines: Record<string, never>[] = stdout
          .split('\n')
          .filter(Boolean)
          .map(line => JSON.parse(line))
        const all = (kind: string) => lines.flatMap(line => line[kind] ?? [])
        resolve({
          code: error ? Number(error.code) : 0,
          found: all('found'),
          problems: all('problem'),
          skipped: all('skipped'),
          notes: all('note'),
          end: all('end')[0],
          stderr,
        })
      },
    )
  })
}

/** Runs the command and sends it a signal as soon as `when` is fulfilled. @returns its exit code, or null if the signal ended it. */
export async function runImportUntil(
  env: Env,
  args: readonly string[],
  when: () => Promise<boolean>,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<number | null> {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env: withPath(env), stdio: 'ignore' })
  const cancel = atExit(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  await until(async () => (await when()) || child.exitCode !== null, { interval: 2 })
  child.kill(signal)
  const [code] = await exited
  cancel()
  return code
}

function withPath(env: Env): NodeJS.ProcessEnv {
  const { PATH = '', TMPDIR } = process.env
  return { PATH, ...COMPILE_CACHE, ...(TMPDIR && { TMPDIR }), ...env }
}
