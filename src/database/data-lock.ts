import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DirectoryInUseError, StartError } from '../base/errors.ts'
import { lockFile, type SharedFile, shareFile } from '../base/process-lock.ts'

/** A starting process waits at most this long for a process that is about to end. */
export const TAKEOVER_PATIENCE_MS = 10_000
const RETRY_MS = 250

/**
 * Claims a data directory for this process alone, because two PGlite instances can open the same directory without an error, and diverge.
 * @param patienceMs milliseconds to wait for a process that is about to end.
 * @returns a function that releases the directory.
 * @throws DirectoryInUseError if another process holds it; StartError if it cannot be locked.
 */
export async function lockDataDirectory(directory: string, patienceMs = 0): Promise<() => void> {
  return claim(directory, lockFile, patienceMs)
}

/**
 * Claims a data directory for the processes on one database. Processes on another database would treat its files as unused.
 * @param database its id.
 * @returns a function that releases the directory, and the id of the directory. @throws as `lockDataDirectory`.
 */
export async function shareDataDirectory(
  directory: string,
  database: string,
  patienceMs = 0,
): Promise<SharedFile> {
  return claim(directory, path => shareFile(path, database), patienceMs)
}

async function claim<T>(
  directory: string,
  tryLock: (path: string) => T | undefined,
  patienceMs: number,
): Promise<T> {
  mkdirSync(directory, { recursive: true })
  const deadline = performance.now() + patienceMs
  for (;;) {
    const lock = orStartError(directory, () => tryLock(join(directory, 'lock.sqlite')))
    if (lock) return lock
    if (performance.now() >= deadline) break
    await pause(RETRY_MS)
  }
  throw new DirectoryInUseError(
    `The data directory ${directory} is in use by another Longtake process. Stop that process, or set DATA_DIR to another directory. ` +
      'Several processes can share a directory if they have the same DATABASE_URL.',
  )
}

function orStartError<T>(directory: string, lock: () => T): T {
  try {
    return lock()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`DATA_DIR: the directory ${directory} cannot be locked (${reason}).`)
  }
}
