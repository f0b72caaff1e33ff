import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atExit } from './at-exit.ts'

/** A new empty directory that is removed, with all that is in it, when this process ends. */
export function throwAwayDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `longtake-${name}-`))
  // A child that was killed a moment ago may still be writing: tried again.
  atExit(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return directory
}
