import { DatabaseSync } from 'node:sqlite'

/**
 * Locks a file for this process and creates it if necessary. The lock is an exclusive SQLite transaction: the operating system releases it
 * when the process ends for any reason. A pid file or a lock file with a time stamp would remain.
 * @returns a function that releases it; undefined if another process holds it.
 */
export function lockFile(path: string): (() => void) | undefined {
  const lock = new DatabaseSync(path)
  return unlessBusy(lock, () => {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
    return () => lock.close()
  })
}

export interface SharedFile {
  /** A random id that the file got when it was first shared. */
  readonly id: string
  readonly release: () => void
}

/**
 * Locks a file like `lockFile`, but shares it with other processes for the same purpose. The purpose can change only while no process has the
 * file locked.
 * @returns undefined if another process holds it alone or for another purpose.
 */
export function shareFile(path: string, purpose: string): SharedFile | undefined {
  const lock = new DatabaseSync(path)
  return unlessBusy(lock, () => {
    if (beginShared(lock)?.purpose !== purpose) {
      lock.exec('ROLLBACK')
      setPurpose(lock, purpose)
    }
    // Between two transactions, another process may have changed it.
    const found = beginShared(lock)
    if (found?.purpose === purpose) return { id: found.id, release: () => lock.close() }
    lock.close()
    return undefined
  })
}

interface Shared {
  readonly id: string
  readonly purpose: string
}

/** Begins a reading transaction, unless one has begun: no process can write to the file until it ends. */
function beginShared(lock: DatabaseSync): Shared | undefined {
  if (!lock.isTransaction) lock.exec('BEGIN')
  const { tables } = lock
    .prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'shared'")
    .get() as { tables: number }
  if (tables === 0) return undefined
  return lock.prepare('SELECT id, purpose FROM shared').get() as Shared | undefined
}

function setPurpose(lock: DatabaseSync, purpose: string): void {
  lock.exec('BEGIN EXCLUSIVE')
  lock.exec('CREATE TABLE IF NOT EXISTS shared (id TEXT NOT NULL, purpose TEXT NOT NULL)')
  const { changes } = lock.prepare('UPDATE shared SET purpose = ?').run(purpose)
  if (Number(changes) === 0)
    lock.prepare('INSERT INTO shared VALUES (?, ?)').run(crypto.randomUUID(), purpose)
  lock.exec('COMMIT')
}

/** @returns undefined, and closes the file, if another process keeps it locked. */
function unlessBusy<T>(lock: DatabaseSync, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY_CODE) throw error
    return undefined
  }
}

const SQLITE_BUSY_CODE = 5
