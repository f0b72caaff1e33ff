import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'

/** Niceness (POSIX `nice`) that a program gets on top of the worker's own: uploads and requests have priority over all of them. */
export const NICENESS = { media: 10, speech: 15 } as const

const LOWEST_NICENESS = 19
/** Linux accepts one write each 100 ms from ordinary users of the machine. */
const RETRY_MS = 100
const MAX_TRIES = 100
/** `EACCES`: the program is just changing its credentials. */
const PASSING = ['EAGAIN', 'EACCES']

/**
 * Lowers the priority of a program's session to that of its processes. Linux divides processor time between sessions first, equally, and
 * niceness counts only within a session (sched(7), "The autogroup feature"): without this, a program with a session of its own gets as
 * much as the service. Systems without autogroups need nothing.
 * @param program a running child process, spawned with `detached`. It has its session as soon as `spawn` returns, because libuv waits for
 * the child's `execve`, which follows its `setsid`. @param niceness as in `NICENESS`.
 */
export function lowerSessionPriority(program: ChildProcess, niceness: number, triesLeft = MAX_TRIES): void {
  const { pid, exitCode, signalCode } = program
  // The number of a process that has ended may belong to another one.
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(Math.min(LOWEST_NICENESS, getPriority() + niceness)))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!PASSING.includes(code) || triesLeft <= 1) return
    setTimeout(lowerSessionPriority, RETRY_MS, program, niceness, triesLeft - 1).unref()
  }
}
