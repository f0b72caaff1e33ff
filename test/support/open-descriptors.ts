import { readdirSync, readlinkSync } from 'node:fs'

/** Paths that begin with `start` and that a process has open, one for each descriptor. */
export function openDescriptors(start: string, pid: number | 'self' = 'self'): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap(name => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${name}`)
      return target.startsWith(start) ? [target] : []
    } catch {
      return []
    }
  })
}
