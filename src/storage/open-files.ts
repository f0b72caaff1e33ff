import type { FileHandle } from 'node:fs/promises'

/** Files that are kept open at most. */
const CAPACITY = 256
/** How long a file is kept open without being written to, in milliseconds. */
const IDLE = 5000

export interface OpenFile {
  readonly file: FileHandle
  /** Bytes that it had when it was put here. */
  readonly size: number
}

/** Files that have just been written to, by path, kept open for the next write: most uploads come in many pieces. */
export class OpenFiles {
  // In the order in which they were put here.
  readonly #files = new Map<string, OpenFile & { readonly since: number }>()
  #timer: NodeJS.Timeout | undefined

  /** A file that nobody else writes to. It is the caller's then, to be kept again or closed. */
  take(path: string): OpenFile | undefined {
    const found = this.#files.get(path)
    this.#files.delete(path)
    return found
  }

  async keep(path: string, open: OpenFile): Promise<void> {
    await this.forget(path)
    this.#files.set(path, { ...open, since: performance.now() })
    this.#timer ??= setTimeout(() => this.#closeIdle(), IDLE).unref()
    const [oldest] = this.#files.keys()
    if (this.#files.size > CAPACITY && oldest !== undefined) await this.forget(oldest)
  }

  /** Closes a file, where it is here. */
  async forget(path: string): Promise<void> {
    await this.take(path)?.file.close()
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
