import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DirectoryInUseError } from '../errors.ts'

/**
 * Claims a data directory for this process: two PGlite instances open one directory without an error and diverge, and two api processes
 * would write to the same uploads, on whichever databases.
 * An exclusive SQLite transaction is the lock: the operating system frees it the moment the process ends, however it ends,
 * which neither a pid file nor a lock file with a time does.
 * @returns what releases the directory.
 * @throws DirectoryInUseError when another process holds it.
 */
export function lockDataDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true })
  const lock = new DatabaseSync(join(directory, 'lock.sqlite'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new DirectoryInUseError(
      `The data directory ${directory} is in use by another Longtake process: stop that one, or set DATA_DIR to another ` +
        'directory. One api process may use it (ROLE=api or ROLE=all), and any number of workers on the same DATABASE_URL (ROLE=worker).',
    )
  }
  return () => lock.close()
}

const SQLITE_BUSY = 5
