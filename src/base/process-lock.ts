import { DatabaseSync } from 'node:sqlite'

/**
 * Locks a file for this process and creates it if necessary. The lock is an exclusive SQLite transaction: the operating system releases it
 * when the process ends, however it ends. A pid file or a lock file with a time stamp would stay.
 * @returns a function that releases it; undefined if another process holds it.
 */
export function lockFile(path: string): (() => void) | undefined {
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY_CODE) throw error
    return undefined
  }
  return () => lock.close()
}

const SQLITE_BUSY_CODE = 5
