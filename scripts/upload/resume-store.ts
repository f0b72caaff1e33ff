import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** Where the URL of one unfinished upload is kept between runs. */
export interface ResumeStore {
  read(): string | undefined
  /** @returns whether it could be kept; without it an upload works, but cannot be resumed by a later run. */
  write(url: string): boolean
  remove(): void
}

/**
 * Keeps it in a file of its own under the user's state directory: uploads that run side by side cannot lose each other's URL,
 * a file that was damaged loses one at most. (The store of tus-js-client rewrites one JSON file for all in place, and stops
 * every upload when that does not parse.)
 * @param identity what makes the upload the same one: server, absolute path, size, time of change.
 */
export function openResumeStore(identity: readonly string[]): ResumeStore {
  const stateHome = process.env['XDG_STATE_HOME'] ?? ''
  // The XDG base directory specification: a relative path is to be ignored.
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
        // Whoever has the URL can write to the upload: for this user's eyes only.
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
        // A finished upload's URL that stays behind is answered with its end by the server: no harm.
      }
    },
  }
}
