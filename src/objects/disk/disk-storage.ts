import { randomUUID } from 'node:crypto'
import { statSync, utimesSync } from 'node:fs'
import { open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'
import { UUID_PATTERN } from '../../base/ids.ts'
import {
  type AppendOptions,
  type ByteRange,
  explainFailedWrite,
  type Storage,
  StorageFullError,
  type Take,
} from '../object-storage.ts'
import { concatenateFiles } from './concatenate-files.ts'
import { DurableWriter, type Held, syncData } from './durable-writer.ts'
import { OpenFile, OpenFiles } from './open-files.ts'
import { sendFile } from './send-file.ts'
import { SyncedDirectories } from './synced-directories.ts'

const READ_BUFFER = 256 * 1024

/** Files of `check`, and how long none is in use, in milliseconds. */
const CHECK = new RegExp(`^check[.]${UUID_PATTERN}$`)
const CHECK_LIFE_MS = 600_000

const KEY = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*\/?$/

/**
 * Objects as files below one directory. `@tus/file-store` creates and removes the files; its writing is not used, because it never
 * syncs, and its JSON sidecars are not, because the state of uploads is in the database.
 */
export class DiskStorage implements Storage {
  readonly #directory: string
  readonly #files: FileStore
  readonly #open = new OpenFiles()
  readonly #directories = new SyncedDirectories()
  readonly #held: Held = { bytes: 0 }

  constructor(directory: string) {
    this.#directory = resolve(directory)
    const nothing = { get: async () => undefined, set: async () => {}, delete: async () => {} }
    this.#files = new FileStore({ directory: this.#directory, configstore: nothing })
  }

  async create(key: string): Promise<void> {
    const path = this.#path(key)
    if ((await this.size(key)) !== undefined) return
    await writing(async () => {
      await this.#directories.make(dirname(path))
      await this.#files.create(new Upload({ id: key, offset: 0 }))
      await this.#directories.sync(dirname(path))
    })
  }

  async append(
    key: string,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    onDurable: (size: number) => Promise<void>,
    { owned = false }: AppendOptions = {},
  ): Promise<number> {
    const { file, kept } = await writing(() => this.#openAt(key, offset))
    let size: number | undefined
    try {
      const writer = new DurableWriter({
        file: file.handle,
        // Of a file that comes in one piece it would only be one more to open.
        through: kept ? () => file.through() : undefined,
        held: this.#held,
        size: offset,
        onDurable,
        owned,
      })
      let failure: { error: unknown } | undefined
      try {
        for await (const chunk of source) {
          const full = writer.push(chunk)
          if (full) await full
        }
      } catch (error) {
        failure = { error }
      }
      // Also after the source has failed: what arrived before counts.
      size = await writer.finish()
      if (failure) throw failure.error
      return size
    } finally {
      if (size === undefined) await file.close()
      else await this.#open.keep(file, size)
    }
  }

  /** Opens an object to write from an offset on, with nothing behind it. */
  async #openAt(key: string, offset: number): Promise<{ file: OpenFile; kept: boolean }> {
    const path = this.#path(key)
    const kept = this.#open.take(path)
    if (kept?.size === offset) return { file: kept, kept: true }
    await kept?.close()
    // Not only 'r+': a crash can lie between an upload's row and its file.
    await this.create(key)
    const file = new OpenFile(path, await open(path, 'r+'))
    try {
      if ((await file.handle.stat()).size > offset) await file.handle.truncate(offset)
      return { file, kept: false }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async concatenate(sources: readonly string[], target: string): Promise<number> {
    const stats = await statfs(this.#directory)
    const sizes = await Promise.all(sources.map(async source => (await this.size(source)) ?? 0))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    if (total > stats.bavail * stats.bsize) throw new StorageFullError()
    await this.create(target)
    const paths = sources.map(source => this.#path(source))
    return writing(() => concatenateFiles(paths, this.#path(target), total))
  }

  async truncate(key: string, size: number): Promise<void> {
    if (((await this.size(key)) ?? 0) <= size) return
    await writing(async () => {
      const file = await open(this.#path(key), 'r+')
      try {
        await file.truncate(size)
        await syncData(file)
      } finally {
        await file.close()
      }
    })
  }

  /** The mark is the time of the last change: whoever writes sets it anew, and file systems keep it and the size as one. */
  async seal(key: string, mark: Date): Promise<void> {
    await writing(async () => utimesSync(this.#path(key), mark, mark))
  }

  async isSealed(key: string, mark: Date): Promise<boolean> {
    return statSync(this.#path(key), { throwIfNoEntry: false })?.mtimeMs === mark.getTime()
  }

  async size(key: string): Promise<number | undefined> {
    // To have another thread do it would take ten times as long.
    return statSync(this.#path(key), { throwIfNoEntry: false })?.size
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.#path(key), 'r')
    return file.createReadStream({ ...range, highWaterMark: READ_BUFFER })
  }

  async send(key: string, range: ByteRange, take: Take): Promise<void> {
    const file = await open(this.#path(key), 'r')
    try {
      await sendFile(file, range, take)
    } finally {
      await file.close()
    }
  }

  withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    return use(this.#path(key))
  }

  async adopt(path: string, key: string): Promise<number> {
    const target = this.#path(key)
    return writing(async () => {
      const file = await open(path, 'r+')
      try {
        await file.sync()
        await this.#directories.make(dirname(target))
        await this.#open.forget(target)
        await rename(path, target)
        await this.#directories.sync(dirname(target))
        return (await file.stat()).size
      } finally {
        await file.close()
      }
    })
  }

  async remove(key: string): Promise<void> {
    if (key.endsWith('/')) return writing(() => rm(this.#path(key), { recursive: true, force: true }))
    await this.#open.forget(this.#path(key))
    if ((await this.size(key)) === undefined) return
    // `force`, because somebody else may have removed it meanwhile.
    await writing(() => rm(this.#path(key), { force: true }))
  }

  async list(prefix: string): Promise<string[]> {
    const entries = await readdir(this.#path(prefix), { withFileTypes: true, recursive: true }).catch(
      absentIsUndefined,
    )
    return (entries ?? [])
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(this.#directory.length + 1))
      .sort()
  }

  async check(): Promise<void> {
    await this.#removeOldChecks()
    const probe = `check.${randomUUID()}`
    try {
      await this.append(probe, 0, oneByte(), async () => {})
    } finally {
      await this.remove(probe)
    }
  }

  /** Those of processes that were killed while they checked. */
  async #removeOldChecks(): Promise<void> {
    const names = await readdir(this.#directory)
    for (const name of names.filter(candidate => CHECK.test(candidate))) {
      const { mtimeMs = Date.now() } = statSync(this.#path(name), { throwIfNoEntry: false }) ?? {}
      if (Date.now() - mtimeMs > CHECK_LIFE_MS) await rm(this.#path(name), { force: true })
    }
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new Error(`not a storage key: ${JSON.stringify(key)}`)
    return join(this.#directory, key)
  }
}

/** @throws StorageFullError, StorageUnavailableError */
async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explainFailedWrite(error)
  }
}

function absentIsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

async function* oneByte(): AsyncIterable<Uint8Array> {
  yield new Uint8Array(1)
}
