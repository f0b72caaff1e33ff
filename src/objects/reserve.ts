import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoRoom, StorageFullError } from './object-storage.ts'

const FILE_COUNT = 8
/** Size of all files together, and its limit as a share of the file system. */
const MAX_BYTES = 32 * 2 ** 20
const MAX_SHARE = 0.02
/** Time between two attempts to restore the reserve while uploads wait for it. */
const RETRY_MS = 1000
/** Uploads notice within this time that another process has released the reserve. */
const CHECK_INTERVAL_MS = 100
/** Age of a draft that no process writes any more. */
const LEFTOVER_MS = 60_000

/**
 * Disk space that only deletions may use. Deleting a video writes to the database, which fails on a full disk, so without a reserve the user
 * could not free any space. Once the reserve is released, other programs can use the space, but uploads cannot, in any process that shares
 * the data directory: the empty directory `.reserve-released` tells them.
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
      // A process that died during a release has left files there.
      await removeFiles(this.#released)
      await rmdir(this.#released).catch(() => {})
      // Another process may have released it meanwhile, and its sign may be gone now.
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
      // The deletion needs the room now.
      if (this.#isReleased) this.#lastTried = performance.now()
    }
    if (!this.#isReleased) return
    const mayTry = performance.now() - this.#lastTried >= RETRY_MS
    if (!(mayTry && (await this.make()))) throw new StorageFullError()
  }

  /** @returns whether there was any, or another process has released it just now. */
  async #release(): Promise<boolean> {
    // Of several processes, one moves it.
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

/** Random bytes, because a file system could compress other bytes. Another process may make the same file at the same time. */
async function makeFile(path: string, size: number): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.size === size) return
  const draft = `${path}.${randomUUID()}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(randomBytes(size))
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Removes the files of a directory, which another process may remove at the same time. */
async function removeFiles(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) await rm(join(directory, name), { force: true })
}

/** Removes drafts of processes that died. */
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
