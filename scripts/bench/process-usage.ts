import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** USER_HZ: the unit of times in /proc, the same on every Linux that Node runs on. */
const CLOCK_HZ = 100

/** CPU seconds that a process and all that it started have used so far, those that have ended included. */
export function cpuOf(pid: number): number {
  let ticks = 0
  for (const one of tree(pid)) ticks += statOf(one)?.ticks ?? 0
  return ticks / CLOCK_HZ
}

/** Forgets the peak of a process' memory, and of those that it started. */
export function resetPeak(pid: number): void {
  for (const one of tree(pid)) writeFileSync(`/proc/${one}/clear_refs`, '5')
}

/** Peak of the resident memory of a process and those that it started and that still run, in MB (10^6 bytes). */
export function peakOf(pid: number): number {
  return tree(pid).reduce((sum, one) => sum + peakOfOne(one), 0)
}

/** A running process that this one has started. @throws Error where there is none of that name. */
export function childNamed(name: string): number {
  const found = processes().find(pid => statOf(pid)?.parent === process.pid && statOf(pid)?.name === name)
  if (!found) throw new Error(`no child process is named ${name}`)
  return found
}

function peakOfOne(pid: number): number {
  return (
    (Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / 1e6
  )
}

function tree(root: number): number[] {
  const children = Map.groupBy(processes(), pid => statOf(pid)?.parent)
  const found = [root]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** proc_pid_stat(5). @returns undefined for a process that has ended. */
function statOf(pid: number): { name: string; parent: number; ticks: number } | undefined {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    const fields = rest.split(' ').map(Number)
    // utime, stime and those of children that have ended: fields 14 to 17, of which the first two are cut off here.
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0)
    return { name, parent: fields[1]!, ticks }
  } catch {
    return undefined
  }
}
