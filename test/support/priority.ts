import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { HAS_AUTOGROUPS } from '../../src/processing/programs/session-priority.ts'

/** The reason to skip a test of the priority of sessions (sched(7)), if any. @param present the abilities of the sandbox */
export function noSessionPriority(present: readonly string[]): string | false {
  if (!HAS_AUTOGROUPS) return 'this kernel has no autogroups'
  return (
    !present.includes('low priority of the session') &&
    'this system does not allow to change the priority of a session'
  )
}

/** The niceness of the session of a process. The file is empty in the session that the kernel began, which always has 0. */
export function sessionNiceness(pid: number): number {
  return Number(/ nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1] ?? 0)
}

/**
 * Gives programs that this process has started in sessions of their own the priority of its own session. Some systems refuse it: then they
 * keep theirs.
 */
export function equalSessionPriority(pids: readonly number[]): void {
  if (!HAS_AUTOGROUPS) return
  for (const pid of pids)
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(sessionNiceness(process.pid)))
    } catch {
      // Only the priority differs.
    }
}

/** The niceness of each thread of a process (proc(5), `/proc/pid/stat`). */
export function threadNiceness(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(thread => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}
