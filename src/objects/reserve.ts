import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoRoom, StorageFullError } from './object-storage.ts'

const FILE_COUNT = 8
/** Maximum size of all files together, in bytes and as a share of the file system. */
const MAX_BYTES = 32 * 2 ** 20
const MAX_SHARE = 0.02
/** Time between two attempts to restore the reserve while uploads wait for it. */
const RETRY_MS = 1000
/** Interval at which uploads check whether another process has released the reserve. */
const CHECK_INTERVAL_MS = 100
/** A temporary file of this age belongs to a process that died. */
const LEFTOVER_MS = 60_000

/**
 * Disk space that only deletions may use. Deleting a video writes to the database, which fails on a full disk, so without a reserve the user
 * could not free any space. After the reserve is released, other programs can use the space, but uploads in all processes with this data
 * directory are refused: the empty directory `.reserve-released` is the sign for that.
 */
export class Reserve {
  readonly #directory: string
  readonly #released: string
  #isReleased = false
  #lastTried = Number.NEGATIVE_INFINITY
  #lastChecked = Number.NEGATIVE_INFINITY

  constructor(dataDir: string) {
    this.#directory = join(dataDir, 'reserve')
    this.#released = join(dataDir, '.reserve-released')
  }

  /** Reserves as much of the space as possible. @returns whether all of it is reserved. */
  async make(): Promise<boolean> {
    this.#lastTried = performance.now()
    try {
      const size = await this.#fileSize()
      await mkdir(this.#directory, { recursive: true })
      for (let file = 0; file < FILE_COUNT; file++) await makeFile(join(this.#directory, String(file)), size)
      await removeLeftovers(this.#directory)
      // A process that died during a release has left files in this directory.
      await removeFiles(this.#released)
      await rmdir(this.#released).catch(() => {})
      // Another process may have released the reserve in the meantime, and this call may have removed its sign.
      if (!(await exists(this.#directory))) await mkdir(this.#released, { recursive: true })
      this.#isReleased = await exists(this.#released)
      return !this.#isReleased
    } catch {
      return false
    }
  }

  /**
   * Runs a deletion. If it fails because the disk is full, releases the reserve and runs `work` again.
   * @param isFull whether an error means that the disk is full.
   */
  async spend<T>(work: () => Promise<T>, isFull: (error: unknown) => boolean = isNoRoom): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isFull(error) || !(await this.#release())) throw error
    }
    try {
      return await work()
    } finally {
      await this.make()
    }
  }

  /** @throws StorageFullError while the reserve is released, because an upload would use the space that deletions need. */
  async requireHeld(): Promise<void> {
    if (!this.#isReleased && performance.now() - this.#lastChecked >= CHECK_INTERVAL_MS) {
      this.#lastChecked = performance.now()
      this.#isReleased = await exists(this.#released)
      // The deletion needs the space now.
      if (this.#isReleased) this.#lastTried = performance.now()
    }
    if (!this.#isReleased) return
    const mayTry = performance.now() - this.#lastTried >= RETRY_MS
    if (!(mayTry && (await this.make()))) throw new StorageFullError()
  }

  /** @returns whether the reserve is released now, by this process or another one. */
  async #release(): Promise<boolean> {
    // Only one of several processes succeeds.
    const hasMoved = await rename(this.#directory, this.#released).then(
      () => true,
      () => false,
    )
    if (!hasMoved && !(await exists(this.#released))) return false
    this.#isReleased = true
    await removeFiles(this.#released)
    this.#lastTried = performance.now()
    return true
  }

  async #fileSize(): Promise<number> {
    const { blocks, bsize } = await statfs(join(this.#directory, '..'))
    return Math.floor(Math.min(MAX_BYTES, MAX_SHARE * blocks * bsize) / FILE_COUNT)
  }
}

/** Writes random bytes, because a file system could compress other bytes. Another process may create the same file at the same time. */
async function makeFile(path: string, size: number): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.size === size) return
  const temporary = `${path}.${randomUUID()}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(randomBytes(size))
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Removes the files of a directory, which another process may remove at the same time. */
async function removeFiles(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) await rm(join(directory, name), { force: true })
}

/** Removes temporary files of processes that died. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d+$/.test(name)) continue
    const path = join(directory, name)
    const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs > LEFTOVER_MS) await rm(path, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
