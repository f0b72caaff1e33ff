import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes whatever is no ordinary file from a directory that a confined program could change: through a link this process, which sees
 * the whole machine, would read or overwrite somebody else's file. All the program's processes must have ended.
 * @returns the names that were removed.
 */
export async function removeStrangeFiles(directory: string): Promise<string[]> {
  const removed: string[] = []
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const stats = await lstat(path)
    if (stats.isFile() && stats.nlink === 1) continue
    await rm(path, { recursive: true, force: true })
    removed.push(name)
  }
  return removed
}
