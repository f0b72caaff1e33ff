import { DatabaseSync } from 'node:sqlite'

/**
 * Locks a file for this process, or makes it. An exclusive SQLite transaction is the lock: the operating system frees it the moment the
 * process ends, however it ends, which neither a pid file nor a lock file with a time does.
 * @returns what releases it; undefined when another process holds it.
 */
export function lockFile(path: string): (() => void) | undefined {
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    return undefined
  }
  return () => lock.close()
}

const SQLITE_BUSY = 5
