import { readdirSync, readlinkSync } from 'node:fs'

/** Paths of the files below a directory that this process has open. */
export function openDescriptors(directory: string): string[] {
  return readdirSync('/proc/self/fd').flatMap(name => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`)
      return target.startsWith(directory) ? [target] : []
    } catch {
      return []
    }
  })
}
