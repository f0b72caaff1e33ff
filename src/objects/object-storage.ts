import type { Readable } from 'node:stream'
import { ApiError } from '../base/errors.ts'

/** Inclusive first and last byte, as in RFC 9110 §14.1.2. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Takes bytes that are good until its promise is fulfilled. @returns whether it wants more. */
export type Take = (piece: Uint8Array) => Promise<boolean>

export interface AppendOptions {
  /** Whether the chunks of the source are the storage's from then on: it may give their memory back, and nobody else may use it. */
  readonly owned?: boolean
}

/**
 * Named sequences of bytes. Keys are relative paths of safe segments (`uploads/{id}`, `artifacts/{id}/{name}`), made by code, never from
 * what a client sent. What a promise has reported as written is durable: it survives a power cut.
 */
export interface Storage {
  /** Makes an empty object; durable, its directory entry included. Does nothing where it exists. */
  create(key: string): Promise<void>
  /**
   * Writes `source` from `offset` on, dropping whatever stood behind it, until the source ends. An empty chunk makes what came before it
   * durable at once.
   * Calls `onDurable` with the object's size in bytes each time that further bytes are known to be durable (at least about once a second, and at the end).
   * When the source fails, the bytes that arrived before are made durable and reported first; then the source's error is thrown.
   * @returns the object's size in bytes.
   * @throws StorageFullError when there is no room; the bytes reported before stay.
   * @throws StorageLostError when bytes could not be made durable.
   */
  append(
    key: string,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    onDurable: (size: number) => Promise<void>,
    options?: AppendOptions,
  ): Promise<number>
  /**
   * Makes an object of others, one behind the other, replacing what was there; durable. The system copies the bytes, they do not come
   * through this process. @returns its size in bytes. @throws StorageFullError when there is no room; nothing is left of it then.
   */
  concatenate(sources: readonly string[], target: string): Promise<number>
  /** Takes away what stands behind `size` bytes, durably. Does nothing where there is no such object. @throws StorageLostError */
  truncate(key: string, size: number): Promise<void>
  /**
   * Marks an object whose bytes are all durable as whole, for those who find it after a crash. Any later change of it takes the mark away.
   * @param mark a time before the object was made, the same for `isSealed`.
   */
  seal(key: string, mark: Date): Promise<void>
  /** Whether the object is as it was when it was marked. Its size alone is no proof: a power cut can leave the size and not the bytes. */
  isSealed(key: string, mark: Date): Promise<boolean>
  /** Size in bytes, undefined where there is no such object. */
  size(key: string): Promise<number | undefined>
  /** Bytes of the object, all or a range; ends with an error where the object is gone. Destroying the stream frees all it holds. */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** The same for what is sent on, at less cost: piece by piece to `take`, until it wants no more. */
  send(key: string, range: ByteRange, take: Take): Promise<void>
  /** A path under which programs can read the object for as long as `use` runs. */
  withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T>
  /** Takes over a finished local file as an object, replacing what was there in one step. @returns its size in bytes. */
  adopt(path: string, key: string): Promise<number>
  /** Removes an object, or all objects below a key that ends in a slash. Does nothing where there is none. */
  remove(key: string): Promise<void>
  /** Keys below a prefix that ends in a slash. */
  list(prefix: string): Promise<string[]>
  /** @throws when the storage cannot be written to now. */
  check(): Promise<void>
}

/** The disk takes no more; everything that was acknowledged stays. */
export class StorageFullError extends ApiError {
  constructor(detail = 'There is no room left on the server.', cause?: unknown) {
    super(507, 'storage_full', `${detail} Everything that was acknowledged is kept: try again later.`)
    this.name = 'StorageFullError'
    this.cause = cause
  }
}

/** The disk cannot be written to, for another reason than that it is full. */
export class StorageUnavailableError extends ApiError {
  constructor(code: 'storage_not_writable' | 'storage_unavailable', detail: string, cause: unknown) {
    super(503, code, `${detail} Everything that was acknowledged is kept: try again later.`)
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

/** Whether an error says that the disk of the storage, or of the database, is full (SQLSTATE 53100: disk_full). */
export function isNoRoom(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string }
  return code === '53100' || error instanceof StorageFullError || Object.hasOwn(FULL, code)
}

/** Explains an error of a system call that changes files, by its errno. Other errors stay as they are. */
export function explainFailedWrite(error: unknown): unknown {
  const { code = '', syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (Object.hasOwn(FULL, code)) return new StorageFullError(FULL[code], error)
  if (NOT_WRITABLE.includes(code))
    return new StorageUnavailableError(
      'storage_not_writable',
      'The disk of the server cannot be written to.',
      error,
    )
  // A missing file says nothing about the disk.
  if (syscall === undefined || code === 'ENOENT') return error
  return new StorageUnavailableError('storage_unavailable', 'The disk of the server does not work.', error)
}

/**
 * Bytes could not be made durable. Nothing later can make up for it: the kernel may have dropped them and taken note of the error only
 * once, so that another sync would succeed and mean nothing.
 */
export class StorageLostError extends Error {
  constructor(cause: unknown) {
    super('Bytes could not be made durable.', { cause })
    this.name = 'StorageLostError'
  }
}
