import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** Keeps the URL of one unfinished upload between runs. */
export interface ResumeStore {
  read(): string | undefined
  /** @returns whether the URL was stored. Without it the upload works, but a later run cannot resume it. */
  write(url: string): boolean
  remove(): void
}

/** The values that identify an upload: server, absolute path, size, time of the last change. */
type Identity = readonly string[]

interface Note {
  readonly url: string
  readonly upload: Identity
}

/**
 * Stores the URL in a file of its own below the user's state directory, so that parallel uploads cannot lose each other's URL. The store
 * of tus-js-client rewrites one JSON file for all uploads in place, and stops every upload if that file is damaged.
 */
export function openResumeStore(identity: Identity): ResumeStore {
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)
  const path = join(directory(), `${name}.json`)
  return {
    read: () => readNote(path)?.url,
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

/** All uploads that are remembered. */
export function rememberedUploads(): { readonly note: Note; readonly store: ResumeStore }[] {
  let names: string[]
  try {
    names = readdirSync(directory()).filter(name => name.endsWith('.json'))
  } catch {
    return []
  }
  return names.flatMap(name => {
    const note = readNote(join(directory(), name))
    return note ? [{ note, store: openResumeStore(note.upload) }] : []
  })
}

function directory(): string {
  const stateHome = process.env['XDG_STATE_HOME'] ?? ''
  // XDG Base Directory Specification: a relative path must be ignored.
  const base = isAbsolute(stateHome) ? stateHome : join(homedir(), '.local', 'state')
  return join(base, 'longtake', 'uploads')
}

/** @returns undefined if there is none, or it is damaged. */
function readNote(path: string): Note | undefined {
  try {
    const { url, upload } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Note>
    const isNote = typeof url === 'string' && URL.canParse(url) && Array.isArray(upload)
    return isNote && upload.every(value => typeof value === 'string') ? { url, upload } : undefined
  } catch {
    return undefined
  }
}
