import type { Readable } from 'node:stream'
import { DataStore, ERRORS, Upload } from '@tus/utils'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { ApiError } from '../errors.ts'
import { type Storage, StorageFullError, StorageLostError } from '../storage/storage.ts'
import { finishUpload } from './finish.ts'
import type { UploadMetadata } from './metadata.ts'
import type { UploadLocks } from './upload-locks.ts'
import {
  advanceOffset,
  declareLength,
  deleteUpload,
  findUpload,
  insertUpload,
  setMetadata,
  uploadKey,
} from './upload-rows.ts'

export interface UploadStoreParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  readonly locks: UploadLocks
  /** Seconds after the last byte after which an unfinished upload may be removed. */
  readonly expiry: number
  /** Called after every commit that may have enqueued events. */
  readonly onCommit: () => void
}

/**
 * tus' DataStore over the database (state) and the storage (bytes). The offset in the row is the truth: it is what is known to be
 * durable. Callers hold the upload's lock where they write.
 */
export class UploadStore extends DataStore {
  override extensions = [
    'creation',
    'creation-with-upload',
    'creation-defer-length',
    'termination',
    'expiration',
  ]
  readonly #parts: UploadStoreParts
  readonly #requestIds = new WeakMap<Upload, string>()
  readonly #writing = new Set<string>()

  constructor(parts: UploadStoreParts) {
    super()
    this.#parts = parts
  }

  /** Notes which request an upload that is about to be created comes from, for the log lines of all that follows from it. */
  attribute(upload: Upload, requestId: string): void {
    this.#requestIds.set(upload, requestId)
  }

  /** The row first: a file without a row would be nobody's, a row without a file expires. */
  override async create(upload: Upload): Promise<Upload> {
    const { db, storage, expiry } = this.#parts
    const { id, size: length = null, metadata = {} } = upload
    await insertUpload(db, { id, length, metadata, requestId: this.#requestIds.get(upload) ?? null }, expiry)
    await storage.create(uploadKey(upload.id))
    if (length === 0) await this.finish(upload.id, 0)
    return upload
  }

  /**
   * Appends a body and returns the new offset, which is durable, and with the last byte also a video.
   * @throws ApiError 409 where another writer has moved the offset, 507 where there is no room.
   */
  override async write(source: Readable, id: string, offset: number): Promise<number> {
    const { db, storage, locks, expiry } = this.#parts
    const upload = await findUpload(db, id)
    // Before the first byte, because what stands behind the offset is dropped: it may be durable, and another writer's.
    if (upload?.offset !== offset) throw replaced()
    const { length } = upload
    let durable = offset
    const onDurable = async (size: number) => {
      // The last byte is not acknowledged by itself, but in the transaction that makes the upload a video.
      if (size === length || size === durable) return
      if (!(await advanceOffset(db, id, durable, size, expiry))) throw replaced()
      durable = size
    }
    async function* counted() {
      for await (const chunk of source) {
        locks.progress(id)
        yield chunk as Uint8Array
      }
    }
    this.#writing.add(id)
    try {
      const size = await storage.append(uploadKey(id), offset, counted(), onDurable)
      if (size === length) await this.finish(id, size)
      return size
    } catch (error) {
      if (error instanceof StorageFullError) {
        throw new ApiError(
          507,
          'storage_full',
          'There is no room left on the server: what it has is kept, go on later.',
        )
      }
      if (error instanceof StorageLostError) await this.#giveUp(id)
      throw error
    } finally {
      this.#writing.delete(id)
    }
  }

  /** @throws FILE_NOT_FOUND, also for an upload that was removed. */
  override async getUpload(id: string): Promise<Upload> {
    if (!this.#writing.has(id)) await this.#catchUp(id)
    const row = await findUpload(this.#parts.db, id)
    if (!row) throw ERRORS.FILE_NOT_FOUND
    return new Upload({
      id,
      offset: row.offset,
      metadata: row.metadata,
      ...(row.length !== null && { size: row.length }),
      // @tus/server adds the expiry to this time to learn when an upload expires. Ours slides, and a finished upload has none.
      creation_date: row.finished_at
        ? new Date().toISOString()
        : new Date(row.expires_at.getTime() - this.getExpiration()).toISOString(),
    })
  }

  override async declareUploadLength(id: string, length: number): Promise<void> {
    if (!(await declareLength(this.#parts.db, id, length))) throw ERRORS.INVALID_LENGTH
  }

  /** Replaces the metadata of an upload that is not finished. */
  async describe(id: string, metadata: UploadMetadata): Promise<void> {
    await setMetadata(this.#parts.db, id, metadata)
  }

  override async remove(id: string): Promise<void> {
    if (!(await deleteUpload(this.#parts.db, id, { onlyExpired: false }))) throw ERRORS.FILE_NOT_FOUND
    await this.#parts.storage.remove(uploadKey(id))
  }

  /** Milliseconds. */
  override getExpiration(): number {
    return this.#parts.expiry * 1000
  }

  /** Looks after an upload that nobody is writing to: finishes it where all its bytes are there. */
  async reconcile(id: string): Promise<void> {
    await this.#parts.locks.ifFree(id, () => this.#catchUp(id))
  }

  /** Removes an upload that has expired, unless somebody is writing to it. @returns whether it did. */
  async expire(id: string): Promise<boolean> {
    const { db, storage, locks } = this.#parts
    const removed = await locks.ifFree(id, async () => {
      if (!(await deleteUpload(db, id, { onlyExpired: true }))) return false
      await storage.remove(uploadKey(id))
      return true
    })
    return removed ?? false
  }

  /**
   * Brings the row in line with the bytes: after a crash there are more than it knows of (contiguous, because they are written in
   * order), and perhaps all of them.
   */
  async #catchUp(id: string): Promise<void> {
    const { db, storage, expiry } = this.#parts
    const row = await findUpload(db, id)
    if (!row || row.finished_at) return
    const found = (await storage.size(uploadKey(id))) ?? 0
    if (found < row.offset) {
      throw new ApiError(410, 'upload_damaged', 'Bytes of this upload were lost on the server: begin again.')
    }
    const size = Math.min(found, row.length ?? found)
    if (size > row.offset) {
      await storage.sync(uploadKey(id)).catch(async error => {
        if (error instanceof StorageLostError) await this.#giveUp(id)
        throw error
      })
      if (size !== row.length) await advanceOffset(db, id, row.offset, size, expiry)
    }
    if (size === row.length) await this.finish(id, size)
  }

  /** After a sync that failed nobody knows which bytes are there: the client has to begin again. */
  async #giveUp(id: string): Promise<void> {
    await deleteUpload(this.#parts.db, id, { onlyExpired: false })
  }

  /** Makes a video of an upload whose bytes are all durable. @throws ApiError 409 where it has not that length. */
  async finish(id: string, length: number): Promise<void> {
    if (!(await finishUpload(this.#parts.db, id, length))) throw replaced()
    this.#parts.onCommit()
  }
}

function replaced(): ApiError {
  return new ApiError(
    409,
    'offset_conflict',
    'Another request has written to this upload: ask for its offset.',
  )
}
