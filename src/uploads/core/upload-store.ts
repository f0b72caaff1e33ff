import type { Readable } from 'node:stream'
import type { Kysely } from 'kysely'
import type { Signal } from '../../base/signal.ts'
import { graceS, SteadyClock } from '../../base/steady-clock.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import { takenOver } from '../locks/release-errors.ts'
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
import type { Uploader } from './upload-context.ts'
import {
  lengthDeclared,
  replaced,
  tooLarge,
  uploadExpired,
  uploadFinished,
  uploadNotFound,
} from './upload-errors.ts'
import { KnownRows } from './upload-row-cache.ts'
import {
  declareLength,
  deleteUpload,
  findUpload,
  redeclare,
  setMetadata,
  type UploadProtocol,
  type UploadRow,
  uploadKey,
} from './upload-rows.ts'

export interface UploadStoreParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  /** Room that deletions get when the disk is full. */
  readonly reserve: Reserve
  readonly locks: UploadLocks
  /** Seconds after the last byte after which an unfinished upload may be removed. */
  readonly expiry: number
  readonly limits: Limits
  readonly signal: Signal
}

/** An upload that is to be created. */
export interface Creation {
  readonly id: string
  /** Bytes; null if the client tells it later. */
  readonly length: number | null
  readonly metadata: UploadMetadata
  readonly uploader: Uploader
  readonly concat?: Concat | undefined
  /** Which protocol creates it; tus if it is absent. */
  readonly protocol?: UploadProtocol
  /** That it adds to what its owner has, as far as that is known. */
  readonly bytes?: number
  readonly once?: Once | undefined
  /** Called in the transaction that creates it. */
  readonly claim?: ((trx: Db) => Promise<void>) | undefined
}

/**
 * Uploads in the database (state) and the storage (bytes). The offset in the row is the truth: it counts the bytes that are known to be
 * durable. Callers that write hold the upload's lock.
 */
export class UploadStore {
  readonly #parts: UploadStoreParts
  readonly #known = new KnownRows()
  readonly promises: OffsetPromises
  readonly #clock: SteadyClock
  readonly #appendParts: AppendParts

  constructor(parts: UploadStoreParts) {
    this.#parts = parts
    this.promises = new OffsetPromises(parts.db, id => this.#known.forget(id))
    parts.locks.onLost(() => {
      this.#known.clear()
      this.promises.unacknowledged.clear()
    })
    this.#clock = new SteadyClock(graceS(parts.expiry))
    this.#clock.observe(Date.now())
    this.#appendParts = {
      ...parts,
      offsets: new OffsetUpdates(parts.db, parts.expiry),
      finish: (id, length, generation) => this.finish(id, length, generation),
      promises: this.promises,
    }
  }

  /**
   * The row first: a file without a row would be nobody's, a row without a file expires.
   * @throws RepeatedCreation if the request repeats another; ApiError 413 if it is more than its link allows, and what `enterUpload` throws.
   */
  async create(creation: Creation): Promise<void> {
    const { db, storage, reserve, expiry, limits } = this.#parts
    const { id, length, metadata, uploader, concat, protocol, bytes = length ?? 0, once, claim } = creation
    const { requestId, owner, link } = uploader
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
        protocol,
        owner,
        holder: this.#parts.locks.holder,
        maxSize: link?.maxSize,
      },
      { uploader, once, bytes, limits, expiry, claim },
    )
    await storage.create(uploadKey(id)).catch(async error => {
      // The client learns of no address: without bytes the row is nobody's.
      await reserve.spend(() => deleteUpload(db, id)).catch(() => {})
      if (once) await forgetCreation(db, id).catch(() => {})
      throw error
    })
    this.#known.keep(row)
    if (length === 0) await this.finish(id, 0)
  }

  /** Appends a stream. @returns the new offset. @throws ApiError 404, 409 and what `appendBody` throws. */
  async write(source: Readable, id: string, offset: number, announced?: Announced): Promise<number> {
    const row = await this.#current(id)
    if (!row) throw uploadNotFound()
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
   * @throws ApiError 404, also for an upload that was removed; 410 for one that has expired.
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
    await locks.tryRun(id, () => this.#current(id))
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
    const generation = this.#parts.locks.holdOf(id)?.generation
    if (
      known &&
      known.generation === (generation ?? known.generation) &&
      (await this.#parts.storage.size(uploadKey(id))) === known.offset
    )
      return known
    this.#known.forget(id)
    const row = await catchUp(this.#appendParts, id)
    // Another process has taken the upload over since this one got its lock.
    if (row && generation !== undefined && row.generation !== generation && !row.finished_at)
      throw takenOver()
    return row
  }

  /** @throws ApiError 400 if it has one, 413 if it is more than the upload, or its owner, may have. */
  async declareUploadLength(id: string, length: number): Promise<void> {
    const { db, limits } = this.#parts
    await withLength(db, id, length, limits, async trx => {
      if (!(await declareLength(trx, id, length))) throw lengthDeclared()
    })
  }

  /** What one owner may have. */
  get limits(): Limits {
    return this.#parts.limits
  }

  /** Replaces what was said of an upload that has no bytes. @throws ApiError 413 as `declareUploadLength`. */
  async redeclare(
    { id, metadata: before }: UploadRow,
    length: number | null,
    metadata: UploadMetadata,
  ): Promise<void> {
    const { db, limits } = this.#parts
    this.#known.forget(id)
    await withLength(db, id, length ?? 0, limits, trx => redeclare(trx, id, { length, before, metadata }))
  }

  /** Replaces the metadata of an upload that is not finished and has had none so far. */
  async describe(id: string, metadata: UploadMetadata): Promise<void> {
    await setMetadata(this.#parts.db, id, { before: {}, metadata })
  }

  async remove(id: string): Promise<void> {
    if (await this.removeUnfinished(id)) return
    // What is finished is a video: DELETE /videos/{id} removes it.
    throw (await this.peek(id)) ? uploadFinished() : uploadNotFound()
  }

  /** @param require called first in the transaction. @returns false if the upload is finished or gone. */
  async removeUnfinished(id: string, require?: (trx: Db) => Promise<void>): Promise<boolean> {
    const { db, reserve, storage } = this.#parts
    this.#known.forget(id)
    if (!(await reserve.spend(() => deleteUpload(db, id, { require })))) return false
    await storage.remove(uploadKey(id))
    return true
  }

  /** Seconds after the last byte after which an unfinished upload may be removed. */
  get expiryS(): number {
    return this.#parts.expiry
  }

  /** Looks after an upload that nobody is writing to: finishes it where all its bytes are there. */
  async reconcile(id: string): Promise<void> {
    await this.#parts.locks.tryRun(id, () => this.#current(id))
  }

  /** Removes an upload that had expired at `now`, unless somebody is writing to it. @returns whether it did. */
  async expire(id: string, now: Date): Promise<boolean> {
    const { db, storage, reserve, locks } = this.#parts
    const removed = await locks.tryRun(id, async () => {
      this.#known.forget(id)
      if (!(await reserve.spend(() => deleteUpload(db, id, { expiredBefore: now })))) return false
      await storage.remove(uploadKey(id))
      return true
    })
    return removed ?? false
  }

  #standing(row: UploadRow | undefined): UploadRow {
    if (!row) throw uploadNotFound()
    if (!row.finished_at && this.hasExpired(row)) throw uploadExpired()
    return row
  }

  /** Whether an upload has expired by a clock that can be believed. */
  hasExpired({ expires_at }: UploadRow): boolean {
    const now = Date.now()
    return this.#clock.observe(now) && expires_at.getTime() < now
  }

  /** Makes a video of an upload whose bytes are all durable. @throws ApiError 409 where it has not that length. */
  async finish(id: string, length: number, generation?: number): Promise<void> {
    const { db, limits, expiry } = this.#parts
    this.#known.forget(id)
    const options = { generation, expiry, hasQuota: limits.quota !== undefined }
    if (await finishUpload(db, id, length, options)) return this.#parts.signal.emit('events')
    throw (await this.#parts.locks.confirm(id)) ? replaced() : takenOver()
  }
}
