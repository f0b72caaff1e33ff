import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Whether this kernel divides processor time between sessions (sched(7)); the reason to skip a test otherwise. */
export const NO_AUTOGROUPS = existsSync('/proc/self/autogroup') ? false : 'this kernel has no autogroups'

/** The niceness of the session of a process. */
export function sessionNiceness(pid: number): number {
  return Number(/ nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1])
}

/** The niceness of each thread of a process (proc(5), `/proc/pid/stat`). */
export function threadNiceness(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(thread => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}

/** Lowers the priority of this process's session until it ends. */
export function lowerOwnSession(niceness: number): void {
  if (NO_AUTOGROUPS) return
  const before = sessionNiceness(process.pid)
  if (before >= niceness) return
  const write = (value: number) => {
    try {
      writeFileSync('/proc/self/autogroup', String(value))
    } catch {
      // Another program has just changed its priority, and Linux accepts one change at a time.
    }
  }
  write(niceness)
  process.once('exit', () => write(before))
}
