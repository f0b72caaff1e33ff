import type { Readable } from 'node:stream'
import { ApiError } from '../../base/errors.ts'
import type { ByteRange, WriteOptions } from '../../objects/object-storage.ts'

/** An unfinished upload as its row describes it. */
export interface GrowingUpload<State> {
  readonly id: string
  /** Number of acknowledged bytes. The next append overwrites bytes that were stored after them. */
  readonly offset: number
  /** The location of the bytes. Null before the first byte, and in rows that older versions wrote. */
  readonly state: State | null
  /** Whether the previous writer, in another process, may still be running. Its late bytes must not become part of this upload. */
  readonly takeover?: boolean
  /** Increases each time a process acquires the upload. Absent if no other process can acquire it. */
  readonly generation?: number
  /** Key of the finished object. The upload can then only be read, because a client may repeat its last request. */
  readonly object?: string
}

/** The offset after a write and the state that belongs to it. Both are saved in one statement. */
export interface Written<State> {
  readonly offset: number
  readonly state: State | null
}

/** A finished object. */
export interface CompletedBytes {
  /** Key of the object in `ObjectStorage`. */
  readonly key: string
  /** Keys to remove from `ObjectStorage`, except `key`, after the row of the upload says that it is finished. */
  readonly leftovers: readonly string[]
}

/**
 * The bytes of growing uploads. The row is the truth: it says how many bytes count (`offset`) and where they are (`state`). The state is JSON,
 * is private to the implementation, and is saved in the same statement as the offset. The caller must hold the upload's lock.
 *
 * Random access writes are not supported. Bytes after the offset are freed by the next append, even an empty one, and by `complete`.
 */
export interface UploadBytes<State = unknown> {
  /** Prepares an empty upload, durably. Does nothing if it exists. */
  create(id: string): Promise<void>
  /**
   * Writes `source` at the upload's offset until the source ends. An empty chunk makes the bytes before it durable at once.
   * Calls `onDurable` when more bytes are durable: about once a second, and at the end. If the source fails, the bytes before the failure are
   * made durable and reported first; then the source's error is thrown.
   * @throws StorageFullError if there is no space; StorageLostError if bytes could not be made durable; BytesLostError if acknowledged bytes
   * are missing; and the error of `onDurable`.
   */
  append(
    upload: GrowingUpload<State>,
    source: AsyncIterable<Uint8Array>,
    onDurable: (offset: number, state: State | null) => Promise<void>,
    options?: WriteOptions,
  ): Promise<Written<State>>
  /** Reads acknowledged bytes. Destroy the stream if you do not read it to the end. */
  read(upload: GrowingUpload<State>, range: ByteRange): Promise<Readable>
  /** Number of bytes before the first missing one. If it is less than the offset, acknowledged bytes are lost. */
  size(upload: GrowingUpload<State>): Promise<number>
  /**
   * Creates one finished object from the upload's bytes up to its offset. A repeated call, for example after a crash, returns the same object.
   * @throws BytesLostError
   */
  complete(upload: GrowingUpload<State>): Promise<CompletedBytes>
  /**
   * Concatenates finished objects to one for the upload `id`. The sources are kept.
   * @throws StorageFullError if there is no space; the incomplete object is removed then.
   */
  concatenate(keys: readonly string[], id: string): Promise<CompletedBytes>
  /** All keys that an upload can have in `ObjectStorage`. They are recorded before its row is deleted, so that a crash leaves no bytes. */
  keys(id: string): readonly string[]
  /** Removes all bytes of an upload whose row is deleted. */
  remove(id: string, state: State | null): Promise<void>
}

/** Acknowledged bytes of an upload are missing. */
export class BytesLostError extends ApiError {
  constructor() {
    super(
      410,
      'upload_damaged',
      'Bytes of this upload were lost on the server. Start again from the first byte.',
    )
    this.name = 'BytesLostError'
  }
}
