import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile } from '../../base/process-lock.ts'

/** The file of an ended process is kept for this long, because rows of `uploads` may still contain the process's id. */
const RETENTION_MS = 7 * 24 * 3600 * 1000

/**
 * Each process on a data directory locks a file of its own. If the file is no longer locked, the process has ended, and others can write to
 * its uploads' files. If it is locked, the process may only have lost its connection to PostgreSQL.
 */
export class HolderFiles {
  readonly #directory: string
  readonly #release: (() => void) | undefined

  /** @param dataDir the data directory. @param holder the UUID of this process. */
  constructor(dataDir: string, holder: string) {
    this.#directory = join(dataDir, 'processes')
    mkdirSync(this.#directory, { recursive: true })
    for (const name of readdirSync(this.#directory)) this.#forgetOld(name)
    this.#release = lockFile(this.#pathOf(holder))
  }

  /** Whether a process has certainly ended; false if that is unknown. */
  hasEnded(holder: string): boolean {
    const path = this.#pathOf(holder)
    if (!existsSync(path)) return false
    try {
      const release = lockFile(path)
      release?.()
      return release !== undefined
    } catch {
      return false
    }
  }

  close(): void {
    this.#release?.()
  }

  #pathOf(holder: string): string {
    return join(this.#directory, `${holder}.sqlite`)
  }

  #forgetOld(name: string): void {
    const path = join(this.#directory, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats && Date.now() - stats.mtimeMs > RETENTION_MS && this.hasEnded(name.replace(/\.sqlite$/, '')))
      rmSync(path, { force: true })
  }
}
