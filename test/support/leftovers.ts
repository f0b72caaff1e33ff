import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Files of uploads, recordings, artifacts and attempts in a data directory, relative to it, in order. */
export async function storedFiles(dataDir: string): Promise<string[]> {
  const found: string[] = []
  for (const top of ['uploads', 'recordings', 'artifacts', 'tmp']) {
    const entries = await readdir(join(dataDir, top), { withFileTypes: true, recursive: true }).catch(
      () => [],
    )
    for (const entry of entries) {
      if (entry.isFile()) found.push(join(entry.parentPath, entry.name).slice(dataDir.length + 1))
    }
  }
  return found.sort()
}
