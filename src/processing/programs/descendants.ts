import { readFileSync } from 'node:fs'

/**
 * A process and its descendants (proc(5), `/proc/pid/task/tid/children`), parents before their children. Without such files, on other
 * systems than Linux, the process alone. @param max the search ends soon after so many.
 */
export function descendantsOf(pid: number, max: number): number[] {
  const found = [pid]
  for (let at = 0; at < found.length && found.length <= max; at++) {
    try {
      const children = readFileSync(`/proc/${found[at]}/task/${found[at]}/children`, 'utf8')
      found.push(...children.split(' ').filter(Boolean).map(Number))
    } catch {
      // It has ended, or this system has no such file.
    }
  }
  return found
}
