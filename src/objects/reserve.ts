import { randomBytes } from 'node:crypto'
import { mkdir, open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoRoom, StorageFullError } from './object-storage.ts'

const FILES = 8
/** Bytes of all files together, and the share of the file system that they take at most. */
const MAX_BYTES = 32 * 2 ** 20
const MAX_SHARE = 0.02
/** Milliseconds between two attempts to get it back while uploads ask. */
const RETRY_MS = 1000

/**
 * Room on the disk that only deletions get. To delete a video the database has to write, and on a full disk it could not: nobody could make
 * room. Other programs can take the room as soon as it is given up; uploads of this process cannot.
 */
export class Reserve {
  readonly #directory: string
  #givenUp = false
  #lastTried = Number.NEGATIVE_INFINITY

  constructor(dataDir: string) {
    this.#directory = join(dataDir, 'reserve')
  }

  /** Takes the room, as far as there is some. @returns whether all of it is held. */
  async make(): Promise<boolean> {
    this.#lastTried = performance.now()
    try {
      const size = await this.#fileSize()
      await mkdir(this.#directory, { recursive: true })
      for (let file = 0; file < FILES; file++) await makeFile(join(this.#directory, String(file)), size)
      this.#givenUp = false
      return true
    } catch {
      return false
    }
  }

  /**
   * Runs a deletion; when it fails because the disk is full, gives the room up and runs it once more. `work` is run twice then.
   * @param isFull whether a failure is about room.
   */
  async spend<T>(work: () => Promise<T>, isFull: (error: unknown) => boolean = isNoRoom): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isFull(error) || !(await this.#giveUp())) throw error
    }
    try {
      return await work()
    } finally {
      await this.make()
    }
  }

  /** @throws StorageFullError while the room is given up: an upload would take what deletions need. */
  async requireHeld(): Promise<void> {
    if (!this.#givenUp) return
    const mayTry = performance.now() - this.#lastTried >= RETRY_MS
    if (!(mayTry && (await this.make()))) throw new StorageFullError()
  }

  /** @returns whether there was some. */
  async #giveUp(): Promise<boolean> {
    const held = await stat(this.#directory).catch(() => undefined)
    if (!held) return false
    this.#givenUp = true
    await rm(this.#directory, { recursive: true, force: true })
    return true
  }

  async #fileSize(): Promise<number> {
    const { blocks, bsize } = await statfs(join(this.#directory, '..'))
    return Math.floor(Math.min(MAX_BYTES, MAX_SHARE * blocks * bsize) / FILES)
  }
}

/** Of bytes that no file system can compress. */
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
