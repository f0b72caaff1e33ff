import type { FileHandle } from 'node:fs/promises'
import { explainFailedWrite, isNoRoom, StorageLostError } from '../object-storage.ts'

/** Bytes that are collected for one write. */
const BATCH = 1024 * 1024
/** Bytes that all writers together collect before each writes what it has: what memory a thousand uploads at once take. */
const BUDGET = 32 * 1024 * 1024
/** How often bytes that still stream in are written and made durable, in milliseconds. */
const INTERVAL = 1000
/** Bytes after which they are made durable sooner, so that the disk works while more of them come. */
const SYNC_SIZE = 64 * 1024 * 1024

/** Bytes that the writers of one storage hold in memory. */
export interface Held {
  bytes: number
}

export interface DurableWriterParts {
  readonly file: FileHandle
  /** The same file, whose writes end when they are durable; absent where that is not worth it. */
  readonly through: (() => Promise<FileHandle>) | undefined
  readonly held: Held
  /** Bytes that the file has. */
  readonly size: number
  readonly onDurable: (size: number) => Promise<void>
  /** Whether chunks are the writer's: their memory is given back as soon as they are written, and not when it is found to be unused. */
  readonly owned: boolean
}

/**
 * Writes what arrives to an open file, in order: collects a batch while the one before is being written, and syncs behind the writes.
 * What went wrong comes out of `push` or `finish`, whichever is called next.
 */
export class DurableWriter {
  readonly #parts: DurableWriterParts
  #batch: Uint8Array[] = []
  #batched = 0
  #position: number
  #durable: number
  #syncedTo: number
  #writing: Promise<void> | undefined
  #syncing: Promise<void> | undefined
  #writeFailure: { error: unknown } | undefined
  #syncFailure: { error: unknown } | undefined
  #lastWrite = performance.now()
  #lastSync = performance.now()

  constructor(parts: DurableWriterParts) {
    this.#parts = parts
    this.#position = parts.size
    this.#durable = parts.size
    this.#syncedTo = parts.size
  }

  /**
   * Takes a chunk; after an empty one all that came before is durable and reported.
   * @returns what to wait for before the next one; undefined, mostly, when there is room for more.
   */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength === 0) return this.#flush()
    this.#batch.push(chunk)
    this.#batched += chunk.byteLength
    this.#parts.held.bytes += chunk.byteLength
    if (this.#parts.held.bytes >= BUDGET) return this.#writeOut()
    const isDue = this.#batched >= BATCH || performance.now() - this.#lastWrite >= INTERVAL
    return isDue ? this.#writeBehind() : undefined
  }

  /**
   * Writes the rest and makes all of it durable. @returns the size of the file in bytes.
   * @throws StorageFullError, after what there was room for is durable and reported; StorageLostError; what `onDurable` throws.
   */
  async finish(): Promise<number> {
    await this.#writing
    const isAll = this.#position === this.#durable && !this.#syncing && this.#batched > 0
    const through = isAll ? await this.#parts.through?.().catch(() => undefined) : undefined
    if (this.#writeFailure) this.#parts.held.bytes -= this.#batched
    else if (this.#batched > 0) await this.#write(through)
    await this.#syncing
    if (this.#syncFailure) throw this.#syncFailure.error
    // A write through that failed may have failed to become durable: the sync tells.
    if (this.#writeFailure) await this.#sync()
    else if (this.#position > this.#durable) await this.#sync(through)
    if (this.#writeFailure) throw explainFailedWrite(this.#writeFailure.error)
    return this.#position
  }

  async #flush(): Promise<void> {
    if (this.#batched > 0) await this.#writeBehind()
    await this.#writing
    await this.#syncing
    const failure = this.#syncFailure ?? this.#writeFailure
    if (failure) throw failure.error
    if (this.#position === this.#durable) return
    this.#lastSync = performance.now()
    this.#syncedTo = this.#position
    await this.#sync().catch(error => {
      this.#syncFailure = { error }
      throw error
    })
  }

  /** Takes no more before all is written: while memory is short, nothing is collected meanwhile. */
  async #writeOut(): Promise<void> {
    await this.#writeBehind()
    await this.#writing
  }

  async #writeBehind(): Promise<void> {
    await this.#writing
    const failure = this.#syncFailure ?? this.#writeFailure
    if (failure) throw explainFailedWrite(failure.error)
    this.#writing = this.#write()
  }

  /** @param through the file, where the write is to be durable when it ends. */
  async #write(through?: FileHandle): Promise<void> {
    const { file, held, owned } = this.#parts
    const [batch, size] = [this.#batch, this.#batched]
    this.#batch = []
    this.#batched = 0
    this.#lastWrite = performance.now()
    try {
      this.#position = await writeAll(through ?? file, batch, this.#position)
      if (!through) this.#syncBehind()
    } catch (error) {
      this.#writeFailure = { error }
    } finally {
      held.bytes -= size
      if (owned) giveBack(batch)
    }
  }

  #syncBehind(): void {
    const isDue =
      this.#position - this.#syncedTo >= SYNC_SIZE || performance.now() - this.#lastSync >= INTERVAL
    if (this.#syncing || !isDue) return
    this.#lastSync = performance.now()
    this.#syncedTo = this.#position
    this.#syncing = this.#sync()
      .catch(error => {
        this.#syncFailure = { error }
      })
      .finally(() => {
        this.#syncing = undefined
      })
  }

  /** @param through given where all was written so that it is durable already. */
  async #sync(through?: FileHandle): Promise<void> {
    const size = this.#position
    if (!through) await syncData(this.#parts.file)
    await this.#parts.onDurable(size)
    this.#durable = size
  }
}

/**
 * Frees the memory of chunks. Left to the garbage collector, which counts only what it sees of it, that costs more than all else: a GiB
 * leaves 16,000 buffers of 64 KiB behind. Chunks that are a part of some larger memory stay.
 */
function giveBack(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && byteLength > 0 && buffer.byteLength === byteLength)
      buffer.transfer(0)
  }
}

/**
 * @throws StorageFullError when a network file system or a quota finds out only now that there is no room: bytes since the last sync are
 * not durable, and the next write overwrites them. StorageLostError for everything else.
 */
export async function syncData(file: FileHandle): Promise<void> {
  try {
    await file.datasync()
  } catch (error) {
    throw isNoRoom(error) ? explainFailedWrite(error) : new StorageLostError(error)
  }
}

async function writeAll(file: FileHandle, buffers: Uint8Array[], position: number): Promise<number> {
  let rest = buffers
  let at = position
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest, at)
    at += bytesWritten
    let whole = 0
    while (whole < rest.length && bytesWritten >= rest[whole]!.byteLength) {
      bytesWritten -= rest[whole++]!.byteLength
    }
    rest = rest.slice(whole)
    if (bytesWritten > 0) rest[0] = rest[0]!.subarray(bytesWritten)
  }
  return at
}
