import { randomBytes } from 'node:crypto'
import { mkdir, open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoRoom, StorageFullError } from './object-storage.ts'

const FILE_COUNT = 8
/** Size of all files together, and its limit as a share of the file system. */
const MAX_BYTES = 32 * 2 ** 20
const MAX_SHARE = 0.02
/** Time between two attempts to restore the reserve while uploads wait for it. */
const RETRY_MS = 1000

/**
 * Disk space that only deletions may use. Deleting a video writes to the database, which fails on a full disk, so without a reserve the user
 * could not free any space. Once the reserve is released, other programs can use the space, but uploads of this process cannot.
 */
export class Reserve {
  readonly #directory: string
  #isReleased = false
  #lastTried = Number.NEGATIVE_INFINITY

  constructor(dataDir: string) {
    this.#directory = join(dataDir, 'reserve')
  }

  /** Reserves as much of the space as possible. @returns whether all of it is reserved. */
  async make(): Promise<boolean> {
    this.#lastTried = performance.now()
    try {
      const size = await this.#fileSize()
      await mkdir(this.#directory, { recursive: true })
      for (let file = 0; file < FILE_COUNT; file++) await makeFile(join(this.#directory, String(file)), size)
      this.#isReleased = false
      return true
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
    if (!this.#isReleased) return
    const mayTry = performance.now() - this.#lastTried >= RETRY_MS
    if (!(mayTry && (await this.make()))) throw new StorageFullError()
  }

  /** @returns whether there was any. */
  async #release(): Promise<boolean> {
    const held = await stat(this.#directory).catch(() => undefined)
    if (!held) return false
    this.#isReleased = true
    await rm(this.#directory, { recursive: true, force: true })
    return true
  }

  async #fileSize(): Promise<number> {
    const { blocks, bsize } = await statfs(join(this.#directory, '..'))
    return Math.floor(Math.min(MAX_BYTES, MAX_SHARE * blocks * bsize) / FILE_COUNT)
  }
}

/** Random bytes, because a file system could compress other bytes. */
async function makeFile(path: string, size: number): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.size === size) return
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(randomBytes(size))
    await file.datasync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
