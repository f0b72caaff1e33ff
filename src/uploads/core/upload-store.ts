import type { Readable } from 'node:stream'
import { DataStore, ERRORS, Upload } from '@tus/utils'
import type { Kysely } from 'kysely'
import { graceS, SteadyClock } from '../../base/steady-clock.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { type Limits, withLength } from './allowance.ts'
import { type AppendParts, appendBody, type Body } from './append-body.ts'
import type { Appended } from './appended.ts'
import type { Concat } from './concatenation.ts'
import { enterUpload, forgetCreation, type Once } from './creation.ts'
import { keepWithParts } from './final-parts.ts'
import { finishUpload } from './finish.ts'
import type { UploadMetadata } from './metadata.ts'
import { OffsetPromises } from './offset-promises.ts'
import { OffsetUpdates } from './offset-updates.ts'
import { accepts, promiseOffset } from './promised-offsets.ts'
import { catchUp } from './reconcile.ts'
import type { Announced } from './room.ts'
import { replaced, tooLarge } from './upload-errors.ts'
import { KnownRows } from './upload-row-cache.ts'
import {
  declareLength,
  deleteUpload,
  findUpload,
  redeclare,
  setMetadata,
  type UploadRow,
  uploadKey,
} from './upload-rows.ts'
import type { Uploader } from './uploader.ts'

export interface UploadStoreParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  /** Room that deletions get when the disk is full. */
  readonly reserve: Reserve
  readonly locks: UploadLocks
  /** Seconds after the last byte after which an unfinished upload may be removed. */
  readonly expiry: number
  readonly limits: Limits
  /** Called after every commit that may have enqueued events. */
  readonly onCommit: () => void
}

interface CreateOptions {
  /** Whether the IETF's draft creates it. */
  readonly draft?: boolean
  /** That it adds to what its owner has, as far as that is known. */
  readonly bytes?: number
  readonly once?: Once | undefined
  /** Called in the transaction that creates it. */
  readonly claim?: ((trx: Db) => Promise<void>) | undefined
}

interface Origin {
  readonly requestId: string
  readonly uploader: Uploader
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
  readonly #origins = new WeakMap<Upload, Origin>()
  readonly #known = new KnownRows()
  readonly promises: OffsetPromises
  readonly #clock: SteadyClock
  readonly #appendParts: AppendParts

  constructor(parts: UploadStoreParts) {
    super()
    this.#parts = parts
    this.promises = new OffsetPromises(parts.db, id => this.#known.forget(id))
    parts.locks.onLost = () => {
      this.#known.clear()
      this.promises.unacknowledged.clear()
    }
    this.#clock = new SteadyClock(graceS(parts.expiry))
    this.#clock.observe(Date.now())
    this.#appendParts = {
      ...parts,
      offsets: new OffsetUpdates(parts.db, parts.expiry),
      finish: (id, length) => this.finish(id, length),
      promises: this.promises,
    }
  }

  /** Notes whose an upload is that is about to be created, and which request it comes from, for the log lines of all that follows from it. */
  attribute(upload: Upload, requestId: string, uploader: Uploader): void {
    this.#origins.set(upload, { requestId, uploader })
  }

  /**
   * The row first: a file without a row would be nobody's, a row without a file expires.
   * @throws RepeatedCreation if the request repeats another; ApiError 413 if it is more than its link allows, and what `enterUpload` throws.
   */
  override async create(
    upload: Upload,
    concat?: Concat,
    { draft = false, bytes = upload.size ?? 0, once, claim }: CreateOptions = {},
  ): Promise<Upload> {
    const { db, storage, reserve, expiry, limits } = this.#parts
    const { id, size: length = null, metadata = {} } = upload
    const { requestId = null, uploader } = this.#origins.get(upload) ?? {}
    const { owner = null, link } = uploader ?? {}
    if (link && bytes > link.maxSize) throw tooLarge(link.maxSize)
    await reserve.requireHeld()
    const row = await enterUpload(
      db,
      {
        id,
        length,
        metadata,
        requestId,
        concat: concat?.kind,
        parts: concat?.kind === 'final' ? concat.parts : undefined,
        draft,
        owner,
        maxSize: link?.maxSize,
      },
      { uploader, once, bytes, limits, expiry, claim },
    )
    await storage.create(uploadKey(upload.id)).catch(async error => {
      // The client learns of no address: without bytes the row is nobody's.
      await reserve.spend(() => deleteUpload(db, id)).catch(() => {})
      if (once) await forgetCreation(db, id).catch(() => {})
      throw error
    })
    this.#known.keep(row)
    if (length === 0) await this.finish(upload.id, 0)
    return upload
  }

  /** Appends a stream, as DataStore has it. @returns the new offset. */
  override async write(source: Readable, id: string, offset: number, announced?: Announced): Promise<number> {
    const row = await this.#current(id)
    if (!row) throw ERRORS.FILE_NOT_FOUND
    // Before the first byte, because what stands behind the offset is dropped: it may be durable, and another writer's.
    if (row.offset !== offset) throw replaced()
    return (await this.append(row, source, { from: offset, owned: false, announced })).row.offset
  }

  /** As `appendBody`, for a row that the caller has opened under its lock. Chunks that are `owned` give their memory back. */
  async append(
    row: UploadRow,
    bytes: AsyncIterable<Uint8Array>,
    { owned = true, ...body }: Omit<Body, 'bytes' | 'owned'> & { owned?: boolean },
  ): Promise<Appended> {
    this.#known.forget(row.id)
    const appended = await appendBody(this.#appendParts, row, { ...body, bytes, owned })
    // A promise that was made meanwhile is in the database only.
    if (this.#parts.locks.holdOf(row.id)?.told === undefined) this.#known.keep(appended.row)
    return appended
  }

  /**
   * The upload's row, brought in line with its bytes, for those who hold its lock.
   * @throws FILE_NOT_FOUND, also for an upload that was removed; FILE_NO_LONGER_EXISTS for one that has expired.
   */
  async open(id: string): Promise<UploadRow> {
    return this.#standing(await this.#current(id))
  }

  /** As `open`, for a request that goes on from an offset: the row tells what was promised. */
  async openAt(id: string, offset: number): Promise<UploadRow> {
    const row = await this.open(id)
    if (accepts(row, offset)) return row
    this.#known.forget(id)
    return this.open(id)
  }

  /**
   * The row of an upload whose offset a client is about to be told: from then on that is promised. Brings the row in line with its bytes,
   * unless somebody writes. @throws as `open`.
   */
  async tell(id: string): Promise<UploadRow> {
    const { db, locks } = this.#parts
    await locks.ifFree(id, () => this.#current(id))
    const row = await promiseOffset(db, id, locks.holdOf(id))
    this.#known.forget(id)
    return this.#standing(row && (await keepWithParts(db, row)))
  }

  /** The row as it stands, where there is one. */
  async peek(id: string): Promise<UploadRow | undefined> {
    return findUpload(this.#parts.db, id)
  }

  async #current(id: string): Promise<UploadRow | undefined> {
    const known = this.#known.get(id)
    if (known && (await this.#parts.storage.size(uploadKey(id))) === known.offset) return known
    this.#known.forget(id)
    return catchUp(this.#appendParts, id)
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

  /** @throws INVALID_LENGTH where it has one, ApiError 413 where it is more than the upload, or its owner, may have. */
  override async declareUploadLength(id: string, length: number): Promise<void> {
    const { db, limits } = this.#parts
    await withLength(db, id, length, limits, async trx => {
      if (!(await declareLength(trx, id, length))) throw ERRORS.INVALID_LENGTH
    })
  }

  /** What one owner may have. */
  get limits(): Limits {
    return this.#parts.limits
  }

  /** Replaces what was said of an upload that has no bytes. @throws ApiError 413 as `declareUploadLength`. */
  async redeclare(id: string, length: number | null, metadata: UploadMetadata): Promise<void> {
    const { db, limits } = this.#parts
    this.#known.forget(id)
    await withLength(db, id, length ?? 0, limits, trx => redeclare(trx, id, length, metadata))
  }

  /** Replaces the metadata of an upload that is not finished. */
  async describe(id: string, metadata: UploadMetadata): Promise<void> {
    await setMetadata(this.#parts.db, id, metadata)
  }

  override async remove(id: string): Promise<void> {
    const { db, reserve } = this.#parts
    this.#known.forget(id)
    if (!(await reserve.spend(() => deleteUpload(db, id)))) {
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
    await this.#parts.locks.ifFree(id, () => this.#current(id))
  }

  /** Removes an upload that had expired at `now`, unless somebody is writing to it. @returns whether it did. */
  async expire(id: string, now: Date): Promise<boolean> {
    const { db, storage, reserve, locks } = this.#parts
    const removed = await locks.ifFree(id, async () => {
      this.#known.forget(id)
      if (!(await reserve.spend(() => deleteUpload(db, id, { expiredBefore: now })))) return false
      await storage.remove(uploadKey(id))
      return true
    })
    return removed ?? false
  }

  #standing(row: UploadRow | undefined): UploadRow {
    if (!row) throw ERRORS.FILE_NOT_FOUND
    if (!row.finished_at && this.hasExpired(row)) throw ERRORS.FILE_NO_LONGER_EXISTS
    return row
  }

  /** Whether an upload has expired by a clock that can be believed. */
  hasExpired({ expires_at }: UploadRow): boolean {
    const now = Date.now()
    return this.#clock.observe(now) && expires_at.getTime() < now
  }

  /** Makes a video of an upload whose bytes are all durable. @throws ApiError 409 where it has not that length. */
  async finish(id: string, length: number): Promise<void> {
    const { db, limits, expiry } = this.#parts
    this.#known.forget(id)
    const options = { expiry, hasQuota: limits.quota !== undefined }
    if (!(await finishUpload(db, id, length, options))) throw replaced()
    this.#parts.onCommit()
  }
}
