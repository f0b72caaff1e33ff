import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

const PLACES = ['uploads', 'recordings', 'artifacts', 'tmp']

/** Files of uploads, recordings, artifacts and attempts in a data directory, relative to it, in order. */
export async function storedFiles(dataDir: string, ...places: string[]): Promise<string[]> {
  const found: string[] = []
  for (const top of places.length > 0 ? places : PLACES) {
    const entries = await readdir(join(dataDir, top), { withFileTypes: true, recursive: true }).catch(
      () => [],
    )
    for (const entry of entries) {
      if (entry.isFile()) found.push(join(entry.parentPath, entry.name).slice(dataDir.length + 1))
    }
  }
  return found.sort()
}
