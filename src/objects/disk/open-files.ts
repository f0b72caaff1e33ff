import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Files that are kept open at most. */
const CAPACITY = 256
/** How long a file is kept open without being written to, in milliseconds. */
const IDLE = 5000

/** A file that is open to be written. */
export class OpenFile {
  readonly path: string
  readonly handle: FileHandle
  /** Bytes that it had when it was kept. */
  size = 0
  #through: FileHandle | undefined

  constructor(path: string, handle: FileHandle) {
    this.path = path
    this.handle = handle
  }

  /** The same file, for writes that end when they are durable: one step in place of two, where there is little to write. */
  async through(): Promise<FileHandle> {
    this.#through ??= await open(this.path, constants.O_WRONLY | constants.O_DSYNC)
    return this.#through
  }

  async close(): Promise<void> {
    await this.#through?.close()
    await this.handle.close()
  }
}

/** Files that have just been written to, kept open for the next write: most uploads come in many pieces. */
export class OpenFiles {
  // In the order in which they were kept.
  readonly #files = new Map<string, { readonly file: OpenFile; readonly since: number }>()
  #timer: NodeJS.Timeout | undefined

  /** A file that nobody else writes to. It is the caller's then, to be kept again or closed. */
  take(path: string): OpenFile | undefined {
    const found = this.#files.get(path)
    this.#files.delete(path)
    return found?.file
  }

  /** @param size bytes that it has. */
  async keep(file: OpenFile, size: number): Promise<void> {
    await this.forget(file.path)
    file.size = size
    this.#files.set(file.path, { file, since: performance.now() })
    this.#timer ??= setTimeout(() => this.#closeIdle(), IDLE).unref()
    const [oldest] = this.#files.keys()
    if (this.#files.size > CAPACITY && oldest !== undefined) await this.forget(oldest)
  }

  /** Closes a file, where it is here. */
  async forget(path: string): Promise<void> {
    await this.take(path)?.close()
  }

  #closeIdle(): void {
    this.#timer = undefined
    for (const [path, { since }] of this.#files) {
      const left = since + IDLE - performance.now()
      if (left > 0) {
        this.#timer = setTimeout(() => this.#closeIdle(), left).unref()
        return
      }
      // What was written was synced: there is nothing that a close could still lose.
      this.forget(path).catch(() => {})
    }
  }
}
