import type { Readable } from 'node:stream'
import { DataStore, ERRORS, Upload } from '@tus/utils'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { ApiError } from '../errors.ts'
import { type Storage, StorageFullError, StorageLostError } from '../storage/storage.ts'
import type { BodyCheck } from './checksum.ts'
import type { Concat } from './concatenation.ts'
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
  setUnverified,
  type UploadRow,
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
    'checksum',
    'checksum-trailer',
    'concatenation',
    'concatenation-unfinished',
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
  override async create(upload: Upload, concat?: Concat, { draft = false } = {}): Promise<Upload> {
    const { db, storage, expiry } = this.#parts
    const { id, size: length = null, metadata = {} } = upload
    await insertUpload(
      db,
      {
        id,
        length,
        metadata,
        requestId: this.#requestIds.get(upload) ?? null,
        concat: concat?.kind,
        parts: concat?.kind === 'final' ? concat.parts : undefined,
        draft,
      },
      expiry,
    )
    await storage.create(uploadKey(upload.id))
    if (length === 0) await this.finish(upload.id, 0)
    return upload
  }

  /** Appends a stream, as DataStore has it. @returns the new offset. */
  override async write(source: Readable, id: string, offset: number): Promise<number> {
    const row = await this.#current(id)
    if (!row) throw ERRORS.FILE_NOT_FOUND
    // Before the first byte, because what stands behind the offset is dropped: it may be durable, and another writer's.
    if (row.offset !== offset) throw replaced()
    return (await this.append(row, source)).offset
  }

  /**
   * Appends a body to an upload that the caller has opened under its lock; the result's offset is durable, and with the last byte
   * there is a video. With a check, all of the body counts or none of it.
   * @throws ApiError 409 where another writer has moved the offset, 460 where the check fails, 507 where there is no room.
   */
  async append(row: UploadRow, body: AsyncIterable<Uint8Array>, check?: BodyCheck): Promise<UploadRow> {
    const { id, length } = row
    const { db, storage } = this.#parts
    let durable = row.offset
    const onDurable = async (size: number) => {
      // Bytes that are to be verified count once they are; the last byte counts in the transaction that makes the upload a video.
      if (check || size === length || size === durable) return
      await this.#advance(id, durable, size)
      durable = size
    }
    this.#writing.add(id)
    try {
      if (check) await setUnverified(db, id, true)
      const size = await storage.append(uploadKey(id), row.offset, this.#observed(id, body, check), onDurable)
      check?.verify()
      if (size !== length && size !== durable) await this.#advance(id, durable, size)
      if (size === length) await this.finish(id, size)
      return {
        ...row,
        offset: size,
        expires_at: this.#expiresAt(),
        finished_at: size === length ? new Date() : null,
      }
    } catch (error) {
      // What stands behind the offset is another writer's, where one has moved it.
      if (check && !(error instanceof ApiError && error.status === 409)) await this.#dropUnverified(row)
      if (error instanceof StorageFullError) throw noRoom()
      if (error instanceof StorageLostError) await this.#giveUp(id)
      throw error
    } finally {
      this.#writing.delete(id)
    }
  }

  async *#observed(
    id: string,
    body: AsyncIterable<Uint8Array>,
    check?: BodyCheck,
  ): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      this.#parts.locks.progress(id)
      check?.update(chunk)
      yield chunk
    }
  }

  async #advance(id: string, from: number, to: number): Promise<void> {
    if (!(await advanceOffset(this.#parts.db, id, from, to, this.#parts.expiry))) throw replaced()
  }

  /** Takes away bytes that were not verified; a crash before leaves the row saying so, and `#catchUp` does it. */
  async #dropUnverified({ id, offset }: UploadRow): Promise<void> {
    await this.#parts.storage.truncate(uploadKey(id), offset)
    await setUnverified(this.#parts.db, id, false)
  }

  #expiresAt(): Date {
    return new Date(Date.now() + this.getExpiration())
  }

  /**
   * The upload's row, brought in line with its bytes where nobody is writing them.
   * @throws FILE_NOT_FOUND, also for an upload that was removed; FILE_NO_LONGER_EXISTS for one that has expired.
   */
  async open(id: string): Promise<UploadRow> {
    return standing(await this.#current(id))
  }

  /** As `open`, for those who do not hold the upload's lock: they must not touch what a writer is about to write. */
  async look(id: string): Promise<UploadRow> {
    return standing(await this.peek(id))
  }

  /** The upload's row as it stands, for those who do not hold its lock: they must not touch what a writer is about to write. */
  async peek(id: string): Promise<UploadRow | undefined> {
    return findUpload(this.#parts.db, id)
  }

  #current(id: string): Promise<UploadRow | undefined> {
    return this.#writing.has(id) ? findUpload(this.#parts.db, id) : this.#catchUp(id)
  }

  /** @throws FILE_NOT_FOUND, also for an upload that was removed. */
  override async getUpload(id: string): Promise<Upload> {
    const row = await this.open(id)
    return new Upload({
      id,
      offset: row.offset,
      metadata: row.metadata,
      ...(row.length !== null && { size: row.length }),
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
    const { db } = this.#parts
    if (!(await deleteUpload(db, id, { onlyExpired: false }))) {
      // What is finished is a video: DELETE /videos/{id} removes it.
      throw (await findUpload(db, id)) ? ERRORS.INVALID_TERMINATION : ERRORS.FILE_NOT_FOUND
    }
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
  async #catchUp(id: string): Promise<UploadRow | undefined> {
    const { db, storage } = this.#parts
    const row = await findUpload(db, id)
    if (!row || row.finished_at) return row
    if (row.concat === 'final') return row
    if (row.unverified) await this.#dropUnverified(row)
    const found = (await storage.size(uploadKey(id))) ?? 0
    if (found < row.offset) {
      throw new ApiError(410, 'upload_damaged', 'Bytes of this upload were lost on the server: begin again.')
    }
    const size = Math.min(found, row.length ?? found)
    if (size === row.offset && size !== row.length) return row
    await storage.sync(uploadKey(id)).catch(async error => {
      if (error instanceof StorageLostError) await this.#giveUp(id)
      throw error
    })
    if (size === row.length) await this.finish(id, size)
    else await advanceOffset(db, id, row.offset, size, this.#parts.expiry)
    return findUpload(db, id)
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

function standing(row: UploadRow | undefined): UploadRow {
  if (!row) throw ERRORS.FILE_NOT_FOUND
  if (!row.finished_at && row.expires_at.getTime() < Date.now()) throw ERRORS.FILE_NO_LONGER_EXISTS
  return row
}

export function noRoom(): ApiError {
  return new ApiError(
    507,
    'storage_full',
    'There is no room left on the server: what it has is kept, go on later.',
  )
}

function replaced(): ApiError {
  return new ApiError(
    409,
    'offset_conflict',
    'Another request has written to this upload: ask for its offset.',
  )
}
