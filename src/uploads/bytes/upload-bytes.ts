import type { Readable } from 'node:stream'
import { ApiError } from '../../base/errors.ts'
import type { ByteRange, WriteOptions } from '../../objects/object-storage.ts'

/** An unfinished upload as its row describes it. */
export interface GrowingUpload<State> {
  readonly id: string
  /** Bytes that are acknowledged. What is stored after them counts for nothing: the next append overwrites it. */
  readonly offset: number
  /** Where the implementation keeps the bytes. Null before the first byte, and in rows of versions that had no such column. */
  readonly state: State | null
  /** Whether the writer before may still be alive, in another process. Its late bytes must not reach this upload. */
  readonly takeover?: boolean
  /** Increases with every process that acquires the upload. Absent if no other process can. */
  readonly generation?: number
  /** Key of the object that the upload has become. It can only be read then: a client may repeat its last request. */
  readonly object?: string
}

/** Where an upload's bytes end, and the state that belongs to it. Both go into the row in one statement. */
export interface Written<State> {
  readonly offset: number
  readonly state: State | null
}

/** A finished object. */
export interface CompletedBytes {
  /** Key of the object in `ObjectStorage`. */
  readonly key: string
  /** Keys to be removed from `ObjectStorage`, except for `key`, once the upload's row says that it is finished. */
  readonly leftovers: readonly string[]
}

/**
 * Bytes of growing uploads. The row is the truth: `offset` bytes count, found by `state`, which is private to the implementation, is
 * JSON, and is saved in the same statement as the offset. The caller holds the upload's lock.
 *
 * Not covered: random access writes. Bytes after the offset are freed by the next append, which may be an empty one, and by `complete`.
 */
export interface UploadBytes<State = unknown> {
  /** Prepares an empty upload, durably. Does nothing if it exists. */
  create(id: string): Promise<void>
  /**
   * Writes `source` at the upload's offset until the source ends. An empty chunk makes what came before it durable at once.
   * Calls `onDurable` when more bytes are durable: at least about once a second, and at the end. If the source fails, the bytes that
   * came before are made durable and reported first; then the source's error is thrown.
   * @throws StorageFullError if there is no room; StorageLostError if bytes could not be made durable; BytesLostError if acknowledged bytes
   * are missing; and the error of `onDurable`.
   */
  append(
    upload: GrowingUpload<State>,
    source: AsyncIterable<Uint8Array>,
    onDurable: (offset: number, state: State | null) => Promise<void>,
    options?: WriteOptions,
  ): Promise<Written<State>>
  /** Reads acknowledged bytes. Destroy the stream if you do not read it to its end. */
  read(upload: GrowingUpload<State>, range: ByteRange): Promise<Readable>
  /** Bytes from the beginning up to the first one that is missing. Less than the offset means that acknowledged bytes are lost. */
  size(upload: GrowingUpload<State>): Promise<number>
  /**
   * Makes one finished object of the upload's bytes up to its offset. Calling it again, after a crash for example, gives the same object.
   * @throws BytesLostError
   */
  complete(upload: GrowingUpload<State>): Promise<CompletedBytes>
  /**
   * Makes one finished object of others, for the upload `id`. They stay.
   * @throws StorageFullError if there is no room; nothing is left of it then.
   */
  concatenate(keys: readonly string[], id: string): Promise<CompletedBytes>
  /** All keys that an upload may have in `ObjectStorage`: noted before its row is deleted, so that a crash leaves no bytes. */
  keys(id: string): readonly string[]
  /** Removes all bytes of an upload whose row is deleted. */
  remove(id: string, state: State | null): Promise<void>
}

/** Acknowledged bytes of an upload are missing. */
export class BytesLostError extends ApiError {
  constructor() {
    super(410, 'upload_damaged', 'Bytes of this upload were lost on the server: begin again.')
    this.name = 'BytesLostError'
  }
}
