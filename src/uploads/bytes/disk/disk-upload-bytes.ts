import { randomUUID } from 'node:crypto'
import { open, statfs } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { concatenateFiles } from '../../../objects/disk/concatenate-files.ts'
import { DurableWriter, syncData, writeAll } from '../../../objects/disk/durable-writer.ts'
import { OpenFile, OpenFiles } from '../../../objects/disk/open-files.ts'
import { changingFiles, type StorageDirectory } from '../../../objects/disk/storage-directory.ts'
import { type ByteRange, StorageFullError, type WriteOptions } from '../../../objects/object-storage.ts'
import {
  BytesLostError,
  type CompletedBytes,
  type GrowingUpload,
  type UploadBytes,
  type Written,
} from '../upload-bytes.ts'
import { type DiskState, filesUpTo, joinedKey, mainKey, stateOf, takeoverPrefix } from './disk-state.ts'

const READ_BUFFER_BYTES = 256 * 1024

/** Creates an empty file for a key whose directory exists. */
export type CreateFile = (key: string) => Promise<void>

/**
 * Growing uploads as files. An upload normally has one file, `uploads/{id}`, which becomes the finished object without a copy.
 *
 * If a writer takes an upload over while the previous writer may still be running, it creates its own file for the bytes from the current
 * offset on, and does not change the other files. The row says which bytes of which file count, so late writes of the old process to its own
 * file have no effect. `complete` then copies all files to one that no writer ever opens.
 */
export class DiskUploadBytes implements UploadBytes<DiskState> {
  readonly #directory: StorageDirectory
  readonly #createFile: CreateFile
  readonly #open = new OpenFiles()

  constructor(directory: StorageDirectory, createFile: CreateFile) {
    this.#directory = directory
    this.#createFile = createFile
  }

  async create(id: string): Promise<void> {
    const key = mainKey(id)
    if (this.#directory.size(key) === undefined) await changingFiles(() => this.#create(key))
  }

  async append(
    upload: GrowingUpload<DiskState>,
    source: AsyncIterable<Uint8Array>,
    onDurable: (offset: number, state: DiskState | null) => Promise<void>,
    { owned = false }: WriteOptions = {},
  ): Promise<Written<DiskState>> {
    const { id, offset } = upload
    const files = filesUpTo(id, upload.state, offset)
    if (upload.takeover) {
      // No byte of the old writer's file can count any more.
      if (offset === 0) files.length = 0
      files.push({ key: `${takeoverPrefix(id)}${randomUUID()}`, from: offset })
    }
    const state = stateOf(id, files)
    const { key, from } = files.at(-1)!
    const { file, wasOpen } = await changingFiles(() => this.#openAt(key, offset - from))
    let size: number | undefined
    try {
      const writer = new DurableWriter({
        file: file.handle,
        // An upload in a single request would only open an additional file.
        openDurable: wasOpen ? () => file.openDurable() : undefined,
        buffered: this.#directory.buffered,
        size: offset - from,
        onDurable: durable => onDurable(from + durable, state),
        owned,
      })
      size = await writeAll(writer, source)
    } finally {
      if (size === undefined) await file.close()
      else await this.#open.keep(file, size)
    }
    return { offset: from + size, state }
  }

  async read({ id, state, object }: GrowingUpload<DiskState>, { start, end }: ByteRange): Promise<Readable> {
    const files = object ? [{ key: object, from: 0 }] : filesUpTo(id, state, end + 1)
    const parts = files
      .map(({ key, from }, index) => ({
        key,
        start: Math.max(start, from) - from,
        end: Math.min(end, (files[index + 1]?.from ?? Number.POSITIVE_INFINITY) - 1) - from,
      }))
      .filter(part => part.start <= part.end)
    const readPart = async (part: (typeof parts)[number]) => {
      const file = await open(this.#directory.pathOf(part.key), 'r')
      return file.createReadStream({ start: part.start, end: part.end, highWaterMark: READ_BUFFER_BYTES })
    }
    if (parts.length === 1) return readPart(parts[0]!)
    return Readable.from(
      (async function* () {
        for (const part of parts) yield* await readPart(part)
      })(),
      { objectMode: false },
    )
  }

  async size({ id, state, offset }: GrowingUpload<DiskState>): Promise<number> {
    const files = filesUpTo(id, state, offset)
    for (const [index, { key, from }] of files.entries()) {
      const end = from + (this.#directory.size(key) ?? 0)
      const next = files[index + 1]?.from
      if (next === undefined || end < next) return end
    }
    return 0
  }

  async complete(upload: GrowingUpload<DiskState>): Promise<CompletedBytes> {
    const { id, offset, state, takeover = false } = upload
    const files = filesUpTo(id, state, offset)
    for (const { key } of files) await this.#open.forget(this.#directory.pathOf(key))
    const isAlone = stateOf(id, files) === null && !takeover
    await changingFiles(() => (isAlone ? this.#cut(mainKey(id), offset) : this.#join(upload)))
    if (!isAlone) return { key: joinedKey(id), leftovers: [mainKey(id), takeoverPrefix(id)] }
    // A writer that took over and was replaced before its first byte was acknowledged leaves a file that no state names.
    const isClean = this.#directory.size(takeoverPrefix(id).slice(0, -1)) === undefined
    return { key: mainKey(id), leftovers: isClean ? [] : [takeoverPrefix(id)] }
  }

  async concatenate(keys: readonly string[], id: string): Promise<CompletedBytes> {
    const target = mainKey(id)
    const total = keys.reduce((sum, key) => sum + (this.#directory.size(key) ?? 0), 0)
    const { bavail, bsize } = await statfs(this.#directory.path)
    if (total > bavail * bsize) throw new StorageFullError()
    const paths = keys.map(key => this.#directory.pathOf(key))
    await changingFiles(() => this.#concatenate(paths, id, total))
    // A process that was killed during the same concatenation has left a file.
    return { key: target, leftovers: [takeoverPrefix(id)] }
  }

  keys(id: string): readonly string[] {
    return [mainKey(id), takeoverPrefix(id), joinedKey(id)]
  }

  async remove(id: string, state: DiskState | null): Promise<void> {
    for (const { key } of filesUpTo(id, state, Number.POSITIVE_INFINITY))
      await this.#open.forget(this.#directory.pathOf(key))
    await changingFiles(async () => {
      for (const key of this.keys(id)) await this.#directory.remove(key)
    })
  }

  /**
   * Writes a temporary file and renames it, because another process may concatenate the same upload, or may have finished it. Never removes the
   * temporary files of others: a process that was frozen here would take the file of its successor.
   */
  async #concatenate(paths: readonly string[], id: string, total: number): Promise<void> {
    const key = `${takeoverPrefix(id)}${randomUUID()}`
    await (await this.#directory.createFile(key)).close()
    const temporary = this.#directory.pathOf(key)
    try {
      await concatenateFiles(paths, temporary, total)
    } catch (error) {
      await this.#directory.remove(key)
      throw error
    }
    await this.#directory.moveTo(temporary, mainKey(id))
  }

  async #create(key: string): Promise<void> {
    await this.#directory.makeParent(key)
    await this.#createFile(key)
    await this.#directory.syncEntry(key)
  }

  /** Opens a file for writing at a position, and truncates it there. @throws BytesLostError if it is shorter */
  async #openAt(key: string, position: number): Promise<{ file: OpenFile; wasOpen: boolean }> {
    const path = this.#directory.pathOf(key)
    const kept = this.#open.take(path)
    if (kept?.size === position) return { file: kept, wasOpen: true }
    await kept?.close()
    // The process may have died after inserting the row and before creating the file.
    if (position === 0 && this.#directory.size(key) === undefined) await this.#create(key)
    const file = new OpenFile(path, await open(path, 'r+').catch(lostIfAbsent))
    try {
      const { size } = await file.handle.stat()
      if (size < position) throw new BytesLostError()
      if (size > position) await file.handle.truncate(position)
      return { file, wasOpen: false }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Truncates a file to the bytes that count, durably. @throws BytesLostError if it is shorter */
  async #cut(key: string, size: number): Promise<void> {
    const found = this.#directory.size(key)
    if (found === undefined && size === 0) return this.#create(key)
    if (found === undefined || found < size) throw new BytesLostError()
    if (found === size) return
    const file = await open(this.#directory.pathOf(key), 'r+')
    try {
      await file.truncate(size)
      await syncData(file)
    } finally {
      await file.close()
    }
  }

  /** Copies all bytes that count to a new file. @throws BytesLostError */
  async #join(upload: GrowingUpload<DiskState>): Promise<void> {
    const { id, offset } = upload
    if ((await this.size(upload)) < offset) throw new BytesLostError()
    const key = `${takeoverPrefix(id)}${randomUUID()}`
    const file = await this.#directory.createFile(key)
    try {
      const writer = new DurableWriter({
        file,
        openDurable: undefined,
        buffered: this.#directory.buffered,
        size: 0,
        onDurable: async () => {},
        owned: false,
      })
      const source = offset === 0 ? [] : await this.read(upload, { start: 0, end: offset - 1 })
      if ((await writeAll(writer, Readable.from(source))) !== offset) throw new BytesLostError()
    } finally {
      await file.close()
    }
    await this.#directory.moveTo(this.#directory.pathOf(key), joinedKey(id))
  }
}

function lostIfAbsent(error: NodeJS.ErrnoException): never {
  throw error.code === 'ENOENT' ? new BytesLostError() : error
}
