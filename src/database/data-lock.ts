import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DirectoryInUseError, StartError } from '../base/errors.ts'
import { lockFile } from '../base/process-lock.ts'

/** A start waits this long for a process that is about to end. */
export const TAKEOVER_PATIENCE_MS = 10_000
const RETRY_MS = 250

/**
 * Claims a data directory for this process: two PGlite instances open one directory without an error and diverge, and two api processes
 * would write to the same uploads, whichever databases they use.
 * @param patienceMs milliseconds to wait for a process that is about to end.
 * @returns a function that releases the directory.
 * @throws DirectoryInUseError if another process holds it; StartError if it cannot be locked.
 */
export async function lockDataDirectory(directory: string, patienceMs = 0): Promise<() => void> {
  mkdirSync(directory, { recursive: true })
  const deadline = performance.now() + patienceMs
  for (;;) {
    const release = lock(directory)
    if (release) return release
    if (performance.now() >= deadline) break
    await pause(RETRY_MS)
  }
  throw new DirectoryInUseError(
    `The data directory ${directory} is in use by another Longtake process: stop that one, or set DATA_DIR to another ` +
      'directory. One api process can use it (ROLE=api or ROLE=all), and any number of workers on the same DATABASE_URL (ROLE=worker).',
  )
}

/** @returns a function that releases it; undefined if another process holds it. */
function lock(directory: string): (() => void) | undefined {
  try {
    return lockFile(join(directory, 'lock.sqlite'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`DATA_DIR: the directory ${directory} cannot be locked (${reason}).`)
  }
}
