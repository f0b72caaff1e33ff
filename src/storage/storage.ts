import type { Readable } from 'node:stream'

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
   * Writes `source` from `offset` on, dropping whatever stood behind it, until the source ends.
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

export class StorageFullError extends Error {
  constructor() {
    super('There is no room left in storage.')
    this.name = 'StorageFullError'
  }
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
