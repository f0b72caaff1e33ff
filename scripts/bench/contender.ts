import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChildProgram } from '../../test/support/child-program.ts'
import { throwAwayDirectory } from '../../test/support/throw-away-directory.ts'

/** A server that takes tus uploads, in a process of its own. */
export interface Contender {
  readonly name: string
  readonly url: string
  /** CPU seconds that it has used so far. */
  cpu(): number
  /** Forgets the peak of its memory. */
  resetPeak(): void
  /** MiB. */
  peak(): number
  stop(): Promise<void>
}

const CLOCK_TICKS = 100

/** @param script below scripts/bench that prints its port, or src/main.ts, which logs its URL. */
export async function startContender(
  name: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const directory = throwAwayDirectory(`bench-${name}`)
  const program = await startChildProgram({
    command: process.execPath,
    args: [join(import.meta.dirname, script), directory],
    spawn: { env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, ...env } },
    ready: line => /^port (\d+)$/.exec(line)?.[1] ?? /listens on http:\/\/[\d.]+:(\d+)\./.exec(line)?.[1],
    lastSignal: 'SIGKILL',
  })
  const proc = (file: string) => `/proc/${program.pid}/${file}`
  return {
    name,
    url: `http://127.0.0.1:${program.ready}`,
    cpu() {
      const fields = readFileSync(proc('stat'), 'utf8').split(') ')[1]!.split(' ')
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
    },
    resetPeak: () => writeFileSync(proc('clear_refs'), '5'),
    peak: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(proc('status'), 'utf8'))![1]) / 1024,
    async stop() {
      await program.end('SIGKILL')
    },
  }
}
