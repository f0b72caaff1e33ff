import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** Niceness (POSIX `nice`) of the programs that the worker runs. Uploads and requests have priority over all of them. */
export const NICENESS = { media: 10, speech: 15 } as const

/** Linux accepts one change each 100 ms from all ordinary users of the machine together. */
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2000
/** `EACCES`: the program is just changing its credentials. `EMFILE`, `ENFILE`, `ENOMEM`: the worker, or the machine, is short of something. */
const TEMPORARY_ERRORS = ['EAGAIN', 'EACCES', 'EMFILE', 'ENFILE', 'ENOMEM']

export const HAS_AUTOGROUPS = existsSync('/proc/self/autogroup')

/** Whether this system accepts a change of the priority of a child's session. Some containers have autogroups and refuse it. */
export async function canLowerSessions(): Promise<boolean> {
  if (!HAS_AUTOGROUPS) return false
  const child = spawn('sh', ['-c', 'read line'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const closed = once(child, 'close').catch(() => undefined)
  try {
    writeFileSync(`/proc/${child.pid}/autogroup`, String(Math.max(NICENESS.media, ownSessionNiceness())))
    return true
  } catch (error) {
    return TEMPORARY_ERRORS.includes((error as NodeJS.ErrnoException).code ?? '')
  } finally {
    // Absent if the process could not be started.
    ;(child.stdin as Writable | undefined)?.destroy()
    await closed
  }
}

/**
 * Lowers the priority of a program's session. Linux divides processor time equally between sessions, and niceness counts only within a
 * session (sched(7), "The autogroup feature"): without this, a program with a session of its own gets as much as the service. Systems
 * without autogroups need nothing. Tries again until it succeeds or the program ends.
 * @param program a child process, spawned with `detached`. It has its session when `spawn` returns: libuv waits for the child's `execve`,
 * which follows its `setsid`. @param niceness 0 to 19.
 */
export function lowerSessionPriority(
  program: ChildProcess,
  niceness: number,
  retryMs = FIRST_RETRY_MS,
): void {
  const { pid, exitCode, signalCode } = program
  // The number of a process that has ended may belong to another one.
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(Math.max(niceness, ownSessionNiceness())))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!TEMPORARY_ERRORS.includes(code)) return
    // As long as the program runs: the speech engine runs for hours. By chance, because of two workers with equal periods one might always lose.
    const delayMs = retryMs * (0.5 + Math.random())
    setTimeout(lowerSessionPriority, delayMs, program, niceness, Math.min(2 * retryMs, LAST_RETRY_MS)).unref()
  }
}

/** The service may have a low priority itself. @throws a system error without autogroups. */
function ownSessionNiceness(): number {
  return Number(/ nice (\d+)/.exec(readFileSync('/proc/self/autogroup', 'utf8'))?.[1] ?? 0)
}
