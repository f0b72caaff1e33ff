import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { COMPILE_CACHE } from './compile-cache.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'doctor.ts')

export interface Visit {
  readonly code: number
  readonly kinds: string[]
  readonly repairs: string[]
  readonly stdout: string
  readonly stderr: string
}

/** Runs `npm run doctor` with these settings. */
export function doctor(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Visit> {
  const command = [SCRIPT, ...args]
  const { PATH = '' } = process.env
  return new Promise(resolve => {
    execFile(
      process.execPath,
      command,
      { env: { PATH, ...COMPILE_CACHE, ...env } },
      (error, stdout, stderr) => {
        const lines = args.includes('--json')
          ? stdout
              .split('\n')
              .filter(Boolean)
              .map(line => JSON.parse(line))
          : []
        resolve({
          code: error ? Number(error.code) : 0,
          kinds: lines.flatMap(({ finding }) => (finding ? [finding.kind] : [])).sort(),
          repairs: lines.flatMap(({ repair }) => repair ?? []),
          stdout,
          stderr,
        })
      },
    )
  })
}
