import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile } from '../base/process-lock.ts'
import { DirectoryInUseError } from '../errors.ts'

/**
 * Claims a data directory for this process, because two PGlite instances open one directory without an error and diverge.
 * @returns what releases the directory.
 * @throws DirectoryInUseError when another process holds it.
 */
export function lockDataDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true })
  const release = lockFile(join(directory, 'lock.sqlite'))
  if (release) return release
  throw new DirectoryInUseError(
    `The data directory ${directory} is in use by another Longtake process: stop that one, or set DATA_DIR to another ` +
      'directory (or DATABASE_URL to a PostgreSQL server, which several processes can share).',
  )
}
