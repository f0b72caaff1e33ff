import type { FileHandle } from 'node:fs/promises'
import { StorageFullError, StorageLostError } from './storage.ts'

/** Bytes that are collected for one write. */
const BATCH = 1024 * 1024
/** How often bytes that still stream in are written and made durable, in milliseconds. */
const INTERVAL = 1000

/**
 * Writes what arrives to an open file, in order: collects a batch while the one before is being written, and syncs behind the writes.
 * What went wrong comes out of `push` or `finish`, whichever is called next.
 */
export class DurableWriter {
  readonly #file: FileHandle
  readonly #onDurable: (size: number) => Promise<void>
  #batch: Uint8Array[] = []
  #batched = 0
  #position: number
  #durable: number
  #writing: Promise<void> | undefined
  #syncing: Promise<void> | undefined
  #writeFailure: { error: unknown } | undefined
  #syncFailure: { error: unknown } | undefined
  #lastWrite = performance.now()
  #lastSync = performance.now()

  constructor(file: FileHandle, offset: number, onDurable: (size: number) => Promise<void>) {
    this.#file = file
    this.#position = offset
    this.#durable = offset
    this.#onDurable = onDurable
  }

  /** Takes a chunk. @returns what to wait for before the next one; undefined, mostly, where there is room for more. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    this.#batch.push(chunk)
    this.#batched += chunk.byteLength
    const isDue = this.#batched >= BATCH || performance.now() - this.#lastWrite >= INTERVAL
    return isDue ? this.#writeBehind() : undefined
  }

  /**
   * Writes the rest and makes all of it durable. @returns the size of the file in bytes.
   * @throws StorageFullError, after what there was room for is durable and reported; StorageLostError; what `onDurable` throws.
   */
  async finish(): Promise<number> {
    await this.#writing
    if (!this.#writeFailure && this.#batched > 0) await this.#write()
    await this.#syncing
    if (this.#syncFailure) throw this.#syncFailure.error
    if (this.#position > this.#durable) await this.#sync()
    if (this.#writeFailure) throw explain(this.#writeFailure.error)
    return this.#position
  }

  async #writeBehind(): Promise<void> {
    await this.#writing
    const failure = this.#syncFailure ?? this.#writeFailure
    if (failure) throw failure.error
    this.#writing = this.#write()
  }

  async #write(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#batched = 0
    this.#lastWrite = performance.now()
    try {
      this.#position = await writeAll(this.#file, batch, this.#position)
      this.#syncBehind()
    } catch (error) {
      this.#writeFailure = { error }
    }
  }

  #syncBehind(): void {
    if (this.#syncing || performance.now() - this.#lastSync < INTERVAL) return
    this.#lastSync = performance.now()
    this.#syncing = this.#sync()
      .catch(error => {
        this.#syncFailure = { error }
      })
      .finally(() => {
        this.#syncing = undefined
      })
  }

  async #sync(): Promise<void> {
    const size = this.#position
    await syncData(this.#file)
    await this.#onDurable(size)
    this.#durable = size
  }
}

/** @throws StorageLostError */
export async function syncData(file: FileHandle): Promise<void> {
  try {
    await file.datasync()
  } catch (error) {
    throw new StorageLostError(error)
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

function explain(error: unknown): unknown {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException)?.code ?? '')
  return isFull ? new StorageFullError() : error
}
