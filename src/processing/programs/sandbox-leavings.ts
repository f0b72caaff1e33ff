import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes everything but ordinary files from a directory that a confined program could change. Through a link, this process, which can
 * access the whole machine, would read or overwrite other files. All processes of the program must have ended.
 * @returns the removed names.
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
