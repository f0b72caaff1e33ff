import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { UUID_PATTERN } from '../../base/ids.ts'
import type { ByteRange, ObjectStorage, Take, WriteOptions } from '../object-storage.ts'
import { DurableWriter, writeAll } from './durable-writer.ts'
import { sendFile } from './send-file.ts'
import { changingFiles, type StorageDirectory } from './storage-directory.ts'

const READ_BUFFER_BYTES = 256 * 1024

/** Temporary files of `check`. A check takes seconds, so older files belong to processes that were killed. */
const CHECK_FILE = new RegExp(`^check[.]${UUID_PATTERN}$`)
const MAX_CHECK_AGE_MS = 600_000

/** Objects as files below one directory. */
export class DiskObjects implements ObjectStorage {
  readonly #directory: StorageDirectory

  constructor(directory: StorageDirectory) {
    this.#directory = directory
  }

  async put(path: string, key: string): Promise<number> {
    return changingFiles(async () => {
      const file = await open(path, 'r+')
      try {
        await file.sync()
        await this.#directory.moveTo(path, key)
        return (await file.stat()).size
      } finally {
        await file.close()
      }
    })
  }

  async write(
    key: string,
    source: AsyncIterable<Uint8Array>,
    { owned = false }: WriteOptions = {},
  ): Promise<number> {
    const file = await changingFiles(() => this.#directory.createFile(key))
    try {
      const writer = new DurableWriter({
        file,
        size: 0,
        openDurable: undefined,
        buffered: this.#directory.buffered,
        onDurable: async () => {},
        owned,
      })
      return await writeAll(writer, source)
    } catch (error) {
      await this.#directory.remove(key)
      throw error
    } finally {
      await file.close()
    }
  }

  async size(key: string): Promise<number | undefined> {
    return this.#directory.size(key)
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.#directory.pathOf(key), 'r')
    return file.createReadStream({ ...range, highWaterMark: READ_BUFFER_BYTES })
  }

  async send(key: string, range: ByteRange, take: Take): Promise<void> {
    const file = await open(this.#directory.pathOf(key), 'r')
    try {
      await sendFile(file, range, take)
    } finally {
      await file.close()
    }
  }

  async withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    return use(this.#directory.pathOf(key))
  }

  remove(key: string, keep?: string): Promise<void> {
    return changingFiles(() => this.#directory.remove(key, keep))
  }

  async check(): Promise<void> {
    await this.#removeOldChecks()
    const key = `check.${randomUUID()}`
    try {
      await this.write(key, oneByte())
    } finally {
      await this.remove(key)
    }
  }

  async #removeOldChecks(): Promise<void> {
    const { path } = this.#directory
    const names = await readdir(path)
    for (const name of names.filter(candidate => CHECK_FILE.test(candidate))) {
      const { mtimeMs = Date.now() } = statSync(join(path, name), { throwIfNoEntry: false }) ?? {}
      if (Date.now() - mtimeMs > MAX_CHECK_AGE_MS) await rm(join(path, name), { force: true })
    }
  }
}

async function* oneByte(): AsyncIterable<Uint8Array> {
  yield new Uint8Array(1)
}
