import { execFileSync } from 'node:child_process'
import { until } from './until.ts'

/** Stops a process as it is, until SIGCONT, and waits until it does nothing any more: on a busy machine it runs on for a while. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await until(
    () => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T'),
    { interval: 10 },
  )
}
