import type { FileHandle } from 'node:fs/promises'
import { explainFailedWrite, isNoRoom, StorageLostError } from '../object-storage.ts'

/** Number of bytes that are collected for one write. */
const BATCH_BYTES = 1024 * 1024
/** If all writers together hold this many bytes, each writes its bytes at once. This limits the memory of a thousand parallel uploads. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024
/** Bytes are written and made durable at this interval while more arrive. */
const INTERVAL_MS = 1000
/** A sync starts earlier after this many bytes, so that the disk works while more bytes arrive. */
const SYNC_BYTES = 64 * 1024 * 1024

/** Number of bytes that the writers of one storage hold in memory. */
export interface Buffered {
  bytes: number
}

export interface DurableWriterDeps {
  readonly file: FileHandle
  /** Opens the same file with O_DSYNC, so that one system call writes and syncs; undefined if that would take longer. */
  readonly openDurable: (() => Promise<FileHandle>) | undefined
  readonly buffered: Buffered
  /** Size of the file in bytes. */
  readonly size: number
  readonly onDurable: (size: number) => Promise<void>
  /** Whether the writer owns the chunks. It then frees their memory at once instead of leaving them to the garbage collector. */
  readonly owned: boolean
}

/** Writes a whole stream. If the stream fails, first makes its bytes durable and reports them. @returns the size of the file in bytes. */
export async function writeAll(writer: DurableWriter, source: AsyncIterable<Uint8Array>): Promise<number> {
  let failure: { error: unknown } | undefined
  try {
    for await (const chunk of source) {
      const full = writer.push(chunk)
      if (full) await full
    }
  } catch (error) {
    failure = { error }
  }
  const size = await writer.finish()
  if (failure) throw failure.error
  return size
}

/**
 * Writes chunks to an open file in order. Collects a batch while the previous batch is written, and syncs after the writes. If a write or a
 * sync fails, the next call of `push` or `finish` throws its error.
 */
export class DurableWriter {
  readonly #deps: DurableWriterDeps
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

  constructor(deps: DurableWriterDeps) {
    this.#deps = deps
    this.#position = deps.size
    this.#durable = deps.size
    this.#syncedTo = deps.size
  }

  /**
   * Adds a chunk. An empty chunk makes all bytes before it durable and reports them.
   * @returns a promise to await before the next chunk; usually undefined, if no wait is necessary.
   */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength === 0) return this.#flush()
    this.#batch.push(chunk)
    this.#batched += chunk.byteLength
    this.#deps.buffered.bytes += chunk.byteLength
    if (this.#deps.buffered.bytes >= MAX_BUFFERED_BYTES) return this.#writeOut()
    const isDue = this.#batched >= BATCH_BYTES || performance.now() - this.#lastWrite >= INTERVAL_MS
    return isDue ? this.#writeBehind() : undefined
  }

  /**
   * Writes the rest and makes all bytes durable. @returns the size of the file in bytes.
   * @throws StorageFullError, after the bytes that fit are durable and reported; StorageLostError; the error of `onDurable`.
   */
  async finish(): Promise<number> {
    await this.#writing
    const isAll = this.#position === this.#durable && !this.#syncing && this.#batched > 0
    const durableFile = isAll ? await this.#deps.openDurable?.().catch(() => undefined) : undefined
    if (this.#writeFailure) this.#deps.buffered.bytes -= this.#batched
    else if (this.#batched > 0) await this.#write(durableFile)
    await this.#syncing
    if (this.#syncFailure) throw this.#syncFailure.error
    // A failed durable write may have written bytes without syncing them. The sync shows whether they are safe.
    if (this.#writeFailure) await this.#sync()
    else if (this.#position > this.#durable) await this.#sync(durableFile)
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

  /** Waits until everything is written. Called when memory is short. */
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

  /** @param durableFile the same file, opened with O_DSYNC. The write is then durable when it ends. */
  async #write(durableFile?: FileHandle): Promise<void> {
    const { file, buffered, owned } = this.#deps
    const [batch, size] = [this.#batch, this.#batched]
    this.#batch = []
    this.#batched = 0
    this.#lastWrite = performance.now()
    try {
      this.#position = await writeBuffers(durableFile ?? file, batch, this.#position)
      if (!durableFile) this.#syncBehind()
    } catch (error) {
      this.#writeFailure = { error }
    } finally {
      buffered.bytes -= size
      if (owned) freeMemory(batch)
    }
  }

  #syncBehind(): void {
    const isDue =
      this.#position - this.#syncedTo >= SYNC_BYTES || performance.now() - this.#lastSync >= INTERVAL_MS
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

  /** @param durableFile set if all bytes were written with O_DSYNC and are already durable. */
  async #sync(durableFile?: FileHandle): Promise<void> {
    const size = this.#position
    if (!durableFile) await syncData(this.#deps.file)
    await this.#deps.onDurable(size)
    this.#durable = size
  }
}

/**
 * Frees the memory of chunks. A GiB arrives in 16,000 buffers of 64 KiB, and their garbage collection costs more than all other work
 * together. Chunks that are views of a larger buffer are not freed.
 */
function freeMemory(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && byteLength > 0 && buffer.byteLength === byteLength)
      buffer.transfer(0)
  }
}

/**
 * Makes the content of a file durable.
 * @throws StorageFullError if a network file system or a quota reports only now that it is full; the bytes since the last sync are not durable,
 * and the next write overwrites them. StorageLostError for any other failure.
 */
export async function syncData(file: FileHandle): Promise<void> {
  try {
    await file.datasync()
  } catch (error) {
    throw isNoRoom(error) ? explainFailedWrite(error) : new StorageLostError(error)
  }
}

async function writeBuffers(file: FileHandle, buffers: Uint8Array[], position: number): Promise<number> {
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
