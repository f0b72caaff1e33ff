import type { Readable } from 'node:stream'
import { ApiError } from '../base/errors.ts'

/** The first and the last byte of a range, both inclusive, as in RFC 9110 §14.1.2. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Receives bytes. They are valid until the returned promise resolves. @returns whether to continue. */
export type Take = (bytes: Uint8Array) => Promise<boolean>

export interface WriteOptions {
  /** Whether the storage owns the source's chunks. It then frees their memory, so nothing else may use them. */
  readonly owned?: boolean
}

export interface SignedUrlOptions {
  /** Lifetime of the URL. */
  readonly seconds: number
  readonly contentType: string
  /** A value of Content-Disposition (RFC 6266). */
  readonly disposition: string
}

/**
 * Finished objects: sources, artifacts, chunks of recordings. Keys are relative paths of safe segments (`uploads/{id}`,
 * `artifacts/{id}/{name}`) and never contain client input. An object is never modified, only replaced as a whole or removed. After the promise
 * of `put` or `write` has resolved, the object survives a power cut.
 */
export interface ObjectStorage {
  /** Moves a finished local file into the storage, replacing the object in one step. @returns its size in bytes. */
  put(path: string, key: string): Promise<number>
  /**
   * Creates an object from a stream. The key must be new. If the source or the disk fails, there is no object.
   * @returns its size in bytes. @throws StorageFullError, StorageUnavailableError, StorageLostError, and the error of the source.
   */
  write(key: string, source: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<number>
  /** Size in bytes; undefined if the object does not exist. */
  size(key: string): Promise<number | undefined>
  /** Reads an object or a range of it. Destroy the stream if you do not read it to the end. @throws Error if the object does not exist. */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** Like `read` but cheaper: passes the bytes to `take` until it returns false. */
  send(key: string, range: ByteRange, take: Take): Promise<void>
  /** Provides a local file with the object for programs, while `use` runs. */
  withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T>
  /**
   * Removes an object, or all objects below a key that ends in a slash. Missing objects are ignored.
   * @param keep the key of an object below the prefix that is not removed.
   */
  remove(key: string, keep?: string): Promise<void>
  /** @throws if the storage cannot be written to now. */
  check(): Promise<void>
  /** Keys of all objects below a key that ends in a slash, also of unfinished ones. Absent if the storage is a directory. */
  list?(prefix: string): AsyncIterable<readonly string[]>
  /** A URL from which anyone can fetch the object for a limited time. Absent if the storage has no URLs. */
  signedUrl?(key: string, options: SignedUrlOptions): Promise<string>
}

/** The storage is full. Acknowledged bytes are not affected. */
export class StorageFullError extends ApiError {
  constructor(detail = "The server's disk is full.", cause?: unknown) {
    super(
      507,
      'storage_full',
      `${detail} Acknowledged bytes are kept. Try again later, or delete videos permanently. Videos in the bin still use space.`,
    )
    this.name = 'StorageFullError'
    this.cause = cause
  }
}

/** The disk is not full, but cannot be written to. */
export class StorageUnavailableError extends ApiError {
  constructor(code: 'storage_not_writable' | 'storage_unavailable', detail: string, cause: unknown) {
    super(503, code, `${detail} Acknowledged bytes are kept. Try again later.`)
    this.name = 'StorageUnavailableError'
    this.cause = cause
  }
}

const FULL: Readonly<Record<string, string>> = {
  // The file system reports this also if it has no more inodes.
  ENOSPC: "The server's disk is full, or has no space for more files.",
  EDQUOT: "The disk quota of the server's user is used up.",
  EFBIG: 'The file would exceed the maximum file size on the server.',
}
const NOT_WRITABLE = ['EROFS', 'EACCES', 'EPERM']

/** Whether an error means that the disk of the storage or of the database is full (SQLSTATE 53100: disk_full). */
export function isNoRoom(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string }
  return code === '53100' || error instanceof StorageFullError || Object.hasOwn(FULL, code)
}

/** Translates the errno of a failed write to an error for the client. Returns other errors unchanged. */
export function explainFailedWrite(error: unknown): unknown {
  const { code = '', syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (Object.hasOwn(FULL, code)) return new StorageFullError(FULL[code], error)
  if (NOT_WRITABLE.includes(code))
    return new StorageUnavailableError(
      'storage_not_writable',
      'The disk of the server cannot be written to.',
      error,
    )
  // A missing file is not a failure of the disk.
  if (syscall === undefined || code === 'ENOENT') return error
  return new StorageUnavailableError('storage_unavailable', 'The disk of the server does not work.', error)
}

/**
 * Bytes could not be made durable. Do not retry: the kernel may have dropped them, and it reports the error only once, so that a second
 * sync would succeed without them.
 */
export class StorageLostError extends Error {
  constructor(cause: unknown) {
    super('Bytes could not be made durable.', { cause })
    this.name = 'StorageLostError'
  }
}
