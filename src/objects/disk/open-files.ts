import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const MAX_FILES = 256
/** A file stays open for this time after the last write. */
const MAX_IDLE_MS = 5000

/** A file that is open for writing. */
export class OpenFile {
  readonly path: string
  readonly handle: FileHandle
  /** Size in bytes when it was added to `OpenFiles`. */
  size = 0
  #durable: FileHandle | undefined

  constructor(path: string, handle: FileHandle) {
    this.path = path
    this.handle = handle
  }

  /** Opens the same file with O_DSYNC, so that a small write and its sync need one system call. */
  async openDurable(): Promise<FileHandle> {
    this.#durable ??= await open(this.path, constants.O_WRONLY | constants.O_DSYNC)
    return this.#durable
  }

  async close(): Promise<void> {
    await this.#durable?.close()
    await this.handle.close()
  }
}

/** Keeps recently written files open, because most uploads use many requests. */
export class OpenFiles {
  // Least recently added first.
  readonly #files = new Map<string, { readonly file: OpenFile; readonly since: number }>()
  #timer: NodeJS.Timeout | undefined

  /** Removes a file from the cache. The caller must add it again (`keep`) or close it. */
  take(path: string): OpenFile | undefined {
    const found = this.#files.get(path)
    this.#files.delete(path)
    return found?.file
  }

  /** Adds a file. @param size of the file in bytes. */
  async keep(file: OpenFile, size: number): Promise<void> {
    await this.forget(file.path)
    file.size = size
    this.#files.set(file.path, { file, since: performance.now() })
    this.#timer ??= setTimeout(() => this.#closeIdle(), MAX_IDLE_MS).unref()
    const [oldest] = this.#files.keys()
    if (this.#files.size > MAX_FILES && oldest !== undefined) await this.forget(oldest)
  }

  /** Closes a file, if it is open. */
  async forget(path: string): Promise<void> {
    await this.take(path)?.close()
  }

  #closeIdle(): void {
    this.#timer = undefined
    for (const [path, { since }] of this.#files) {
      const left = since + MAX_IDLE_MS - performance.now()
      if (left > 0) {
        this.#timer = setTimeout(() => this.#closeIdle(), left).unref()
        return
      }
      // Every write was synced, so a failed close loses nothing.
      this.forget(path).catch(() => {})
    }
  }
}
