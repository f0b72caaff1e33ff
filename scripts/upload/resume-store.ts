import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** Keeps the URL of one unfinished upload between runs. */
export interface ResumeStore {
  read(): string | undefined
  /** @returns whether the URL was stored. Without it the upload works, but a later run cannot resume it. */
  write(url: string): boolean
  remove(): void
}

/**
 * Stores the URL in a file of its own below the user's state directory, so that parallel uploads cannot lose each other's URL. The store
 * of tus-js-client rewrites one JSON file for all uploads in place, and stops every upload if that file is damaged.
 * @param identity the values that identify the upload: server, absolute path, size, time of the last change
 */
export function openResumeStore(identity: readonly string[]): ResumeStore {
  const stateHome = process.env['XDG_STATE_HOME'] ?? ''
  // XDG Base Directory Specification: a relative path must be ignored.
  const base = isAbsolute(stateHome) ? stateHome : join(homedir(), '.local', 'state')
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)
  const path = join(base, 'longtake', 'uploads', `${name}.json`)
  return {
    read() {
      try {
        const entry: unknown = JSON.parse(readFileSync(path, 'utf8'))
        const url = entry && typeof entry === 'object' && 'url' in entry ? entry.url : undefined
        return typeof url === 'string' && URL.canParse(url) ? url : undefined
      } catch {
        return undefined
      }
    },
    write(url) {
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        // The URL allows writing to the upload, so only this user may read it.
        writeFileSync(`${path}.new`, `${JSON.stringify({ url, upload: identity })}\n`, { mode: 0o600 })
        renameSync(`${path}.new`, path)
        return true
      } catch {
        return false
      }
    },
    remove() {
      try {
        rmSync(path, { force: true })
      } catch {
        // Harmless: the server answers a finished upload's URL with its final offset.
      }
    },
  }
}
