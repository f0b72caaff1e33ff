import type { Readable } from 'node:stream'
import { ApiError } from '../base/errors.ts'

/** Inclusive first and last byte, as in RFC 9110 §14.1.2. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Receives bytes, which are valid until its promise is fulfilled. @returns whether it wants more. */
export type Take = (bytes: Uint8Array) => Promise<boolean>

export interface WriteOptions {
  /** The chunks of the source belong to the storage from then on: it may free their memory, and no one else may use them. */
  readonly owned?: boolean
}

export interface SignedUrlOptions {
  /** How long the address works. */
  readonly seconds: number
  readonly contentType: string
  /** A value of Content-Disposition (RFC 6266). */
  readonly disposition: string
}

/**
 * Finished objects: sources, artifacts, chunks of recordings. Keys are relative paths of safe segments (`uploads/{id}`,
 * `artifacts/{id}/{name}`), made by code, never from what a client sent. An object does not change: it is replaced as a whole or removed.
 * When a promise of `put` or `write` is fulfilled, the object survives a power cut.
 */
export interface ObjectStorage {
  /** Moves a finished local file into the storage, replacing the object in one step. @returns its size in bytes. */
  put(path: string, key: string): Promise<number>
  /**
   * Makes an object of a stream. The key must be new. If the source or the disk fails, no object is left.
   * @returns its size in bytes. @throws StorageFullError, StorageUnavailableError, StorageLostError, and the error of the source.
   */
  write(key: string, source: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<number>
  /** Size in bytes; undefined if there is no such object. */
  size(key: string): Promise<number | undefined>
  /** Reads an object or a range of it. Destroy the stream if you do not read it to its end. @throws Error if there is no such object. */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** As `read`, at less cost: hands the bytes to `take` until it wants no more. */
  send(key: string, range: ByteRange, take: Take): Promise<void>
  /** Gives programs a path to the object, valid while `use` runs. */
  withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T>
  /**
   * Removes an object, or all objects below a key that ends in a slash. Does nothing if there is none.
   * @param keep the key of an object below the other key that stays.
   */
  remove(key: string, keep?: string): Promise<void>
  /** @throws if the storage cannot be written to now. */
  check(): Promise<void>
  /** Keys of all objects below a key that ends in a slash, also of unfinished ones. Absent if the storage is a directory. */
  list?(prefix: string): AsyncIterable<readonly string[]>
  /** An address from which anyone can fetch the object directly for a while. Absent if the storage has no addresses. */
  signedUrl?(key: string, options: SignedUrlOptions): Promise<string>
}

/** The storage is full. Acknowledged bytes stay. */
export class StorageFullError extends ApiError {
  constructor(detail = 'There is no room left on the server.', cause?: unknown) {
    super(
      507,
      'storage_full',
      `${detail} Everything that was acknowledged is kept. Try again later, or delete videos for good. Videos in the bin still use space.`,
    )
    this.name = 'StorageFullError'
    this.cause = cause
  }
}

/** The disk cannot be written to, and is not full. */
export class StorageUnavailableError extends ApiError {
  constructor(code: 'storage_not_writable' | 'storage_unavailable', detail: string, cause: unknown) {
    super(503, code, `${detail} Everything that was acknowledged is kept. Try again later.`)
    this.name = 'StorageUnavailableError'
    this.cause = cause
  }
}

const FULL: Readonly<Record<string, string>> = {
  // Also for a file system that has no more inodes.
  ENOSPC: 'There is no room left on the server, for bytes or for further files.',
  EDQUOT: "The disk quota of the server's user is used up.",
  EFBIG: 'The file would be larger than the file system of the server allows.',
}
const NOT_WRITABLE = ['EROFS', 'EACCES', 'EPERM']

/** Whether an error says that the disk of the storage or of the database is full (SQLSTATE 53100: disk_full). */
export function isNoRoom(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string }
  return code === '53100' || error instanceof StorageFullError || Object.hasOwn(FULL, code)
}

/** Turns the errno of a failed write into an error for the client. Returns other errors as they are. */
export function explainFailedWrite(error: unknown): unknown {
  const { code = '', syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (Object.hasOwn(FULL, code)) return new StorageFullError(FULL[code], error)
  if (NOT_WRITABLE.includes(code))
    return new StorageUnavailableError(
      'storage_not_writable',
      'The disk of the server cannot be written to.',
      error,
    )
  // A missing file does not mean that the disk fails.
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
