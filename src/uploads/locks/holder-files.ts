import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile } from '../../base/process-lock.ts'

/** The files of ended processes are kept for so long, because rows of `uploads` may still name them. */
const KEPT_MS = 7 * 24 * 3600 * 1000

/**
 * Locked files that stand for the processes on one data directory. They tell a process that has ended, whose files can be written to, from one
 * that only has no connection to PostgreSQL.
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

  /** Whether it is certain that a process has ended. */
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
    if (stats && Date.now() - stats.mtimeMs > KEPT_MS && this.hasEnded(name.replace(/\.sqlite$/, '')))
      rmSync(path, { force: true })
  }
}
