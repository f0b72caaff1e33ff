import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile } from '../base/process-lock.ts'
import { DirectoryInUseError } from '../errors.ts'

/**
 * Claims a data directory for this process: two PGlite instances open one directory without an error and diverge, and two api processes
 * would write to the same uploads, on whichever databases.
 * @returns what releases the directory.
 * @throws DirectoryInUseError when another process holds it.
 */
export function lockDataDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true })
  const release = lockFile(join(directory, 'lock.sqlite'))
  if (release) return release
  throw new DirectoryInUseError(
    `The data directory ${directory} is in use by another Longtake process: stop that one, or set DATA_DIR to another ` +
      'directory. One api process may use it (ROLE=api or ROLE=all), and any number of workers on the same DATABASE_URL (ROLE=worker).',
  )
}
