import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, rm, stat, statfs, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Limits for files that are kept after use, in bytes and as a share of the free disk space. */
const MAX_KEPT_BYTES = 8 * 2 ** 30
const MAX_KEPT_SHARE = 0.25
/** A process updates the modification time of its directory at this interval. Other processes remove a directory that is older than the second value. */
const HEARTBEAT_MS = 60_000
const MAX_AGE_MS = 10 * HEARTBEAT_MS

interface Entry {
  readonly path: string
  readonly size: number
}

/**
 * Local copies of objects, for programs that need a file. Each process has its own directory, which others remove after the process has
 * died. The name of a copy must include the object's ETag, because the cache does not detect changed objects.
 */
export class ScratchCache {
  readonly #root: string
  readonly #directory: string
  /** Least recently used first. */
  readonly #entries = new Map<string, Promise<Entry>>()
  #isPrepared: Promise<void> | undefined

  /** @param root the directory that contains the caches of all processes. */
  constructor(root: string) {
    this.#root = root
    this.#directory = join(root, randomUUID())
  }

  /**
   * Calls `use` with the path of a file. If the file is not in the cache, `make` writes it first.
   * @param make writes a file of `size` bytes to a path. If it fails, nothing is kept.
   */
  async withFile<T>(
    name: string,
    size: number,
    make: (path: string) => Promise<void>,
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    this.#isPrepared ??= this.#prepare()
    await this.#isPrepared
    const path = await this.#linked(name, size, make)
    try {
      return await use(path)
    } finally {
      await rm(path, { force: true })
      await this.#evict()
    }
  }

  /** Creates a hard link to the file for one caller of `withFile`. The bytes remain until the link is removed, even if the file is evicted. */
  async #linked(name: string, size: number, make: (path: string) => Promise<void>): Promise<string> {
    for (;;) {
      const making = this.#entries.get(name) ?? this.#make(size, make)
      this.#entries.delete(name)
      this.#entries.set(name, making)
      try {
        const entry = await making
        const path = join(this.#directory, randomUUID())
        await link(entry.path, path)
        return path
      } catch (error) {
        if (this.#entries.get(name) === making) this.#entries.delete(name)
        // Another caller in this process has evicted the file in the meantime.
        if ((error as NodeJS.ErrnoException).syscall !== 'link') throw error
      }
    }
  }

  async #make(size: number, make: (path: string) => Promise<void>): Promise<Entry> {
    const path = join(this.#directory, randomUUID())
    // Another process removes the directory if this process was frozen for a long time.
    await mkdir(this.#directory, { recursive: true })
    try {
      await make(path)
      return { path, size }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  async #evict(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#directory)
    const limit = Math.min(MAX_KEPT_BYTES, bavail * bsize * MAX_KEPT_SHARE)
    const entries = await Promise.all(
      [...this.#entries].map(async ([name, making]) => ({
        name,
        entry: await making.catch(() => undefined),
      })),
    )
    let kept = entries.reduce((sum, { entry }) => sum + (entry?.size ?? 0), 0)
    for (const { name, entry } of entries) {
      if (kept <= limit) return
      if (!entry) continue
      kept -= entry.size
      this.#entries.delete(name)
      await rm(entry.path, { force: true })
    }
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    await this.#removeAbandoned()
    setInterval(() => {
      const now = new Date()
      utimes(this.#directory, now, now).catch(() => {})
    }, HEARTBEAT_MS).unref()
  }

  async #removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.#root)) {
      const path = join(this.#root, name)
      const found = await stat(path).catch(() => undefined)
      if (found && Date.now() - found.mtimeMs > MAX_AGE_MS) await rm(path, { recursive: true, force: true })
    }
  }
}
