import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Signal } from '../../base/signal.ts'
import { graceS, SteadyClock } from '../../base/steady-clock.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { ByteRange } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { CompletedBytes, UploadBytes } from '../bytes/upload-bytes.ts'
import { takenOver } from '../locks/release-errors.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import { type Limits, withLength } from './allowance.ts'
import { type AppendDeps, appendBody, type Body } from './append-body.ts'
import type { Appended } from './appended.ts'
import { completeUpload, finishAs, requireInserted } from './complete-upload.ts'
import { type Creation, enterUpload } from './creation.ts'
import { keepWithParts } from './final-parts.ts'
import { growingUpload } from './growing-upload.ts'
import type { UploadMetadata } from './metadata.ts'
import { OffsetPromises } from './offset-promises.ts'
import { OffsetUpdates } from './offset-updates.ts'
import { accepts, promiseOffset } from './promised-offsets.ts'
import { reconcile, requireBytes } from './reconcile.ts'
import { removeUpload } from './remove-upload.ts'
import type { Announced } from './space-reservations.ts'
import {
  lengthDeclared,
  offsetConflict,
  tooLarge,
  uploadExpired,
  uploadFinished,
  uploadNotFound,
} from './upload-errors.ts'
import { UploadRowCache } from './upload-row-cache.ts'
import { declareLength, findUpload, redeclare, setMetadata, type UploadRow } from './upload-rows.ts'

/** A client waits at most this long for the end of a finish. On S3, it takes seconds for large uploads. */
const FINISH_WAIT_MS = 5000
const FINISH_POLL_MS = 20

export interface UploadStoreDeps {
  readonly db: Kysely<Schema>
  readonly bytes: UploadBytes
  /** Disk space that only deletions may use. */
  readonly reserve: Reserve
  readonly locks: UploadLocks
  /** Seconds after the last byte after which an unfinished upload may be removed. */
  readonly expiry: number
  readonly limits: Limits
  readonly signal: Signal
}

/**
 * Uploads in the database (state) and the storage (bytes). Only the offset in the row counts: it is the number of durable bytes. Callers that
 * write hold the upload's lock.
 */
export class UploadStore {
  readonly #deps: UploadStoreDeps
  readonly #cache = new UploadRowCache()
  readonly promises: OffsetPromises
  readonly #clock: SteadyClock
  readonly #appendDeps: AppendDeps

  constructor(deps: UploadStoreDeps) {
    this.#deps = deps
    this.promises = new OffsetPromises(deps, id => this.#cache.forget(id))
    deps.locks.onChange(id => (id === undefined ? this.#cache.clear() : this.#cache.forget(id)))
    this.#clock = new SteadyClock(graceS(deps.expiry))
    this.#clock.observe(Date.now())
    this.#appendDeps = {
      ...deps,
      offsets: new OffsetUpdates(deps.db, deps.expiry),
      promises: this.promises,
    }
  }

  /**
   * Creates an upload. The row is created first, because a row without a file expires, but a file without a row would stay forever.
   * @throws RepeatedCreation if the request repeats an earlier one; ApiError 413 if the length exceeds the link's limit; and the errors of
   * `enterUpload`.
   */
  async create(creation: Creation): Promise<void> {
    const { db, bytes: storage, reserve, expiry, limits } = this.#deps
    const { id, length, metadata, uploader, concat, protocol, bytes = length ?? 0, once, claim } = creation
    const { requestId, owner, link } = uploader
    if (link && bytes > link.maxSize) throw tooLarge(link.maxSize)
    await reserve.requireHeld()
    const began = performance.now()
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
        holder: this.#deps.locks.holder,
        maxSize: link?.maxSize,
      },
      { uploader, once, bytes, limits, expiry, claim },
    )
    await storage.create(id).catch(async error => {
      // A client that repeats the request with its key or link continues with this upload. Another client never gets the upload's URL.
      if (!once && !link) await removeUpload(this.#deps, id).catch(() => {})
      throw error
    })
    await requireInserted(this.#deps, row, began)
    this.#cache.keep(row)
    if (length === 0) await this.finish(row)
  }

  /** Appends a stream. @returns the updated row. @throws ApiError 404, 409 and the errors of `appendBody`. */
  async write(source: Readable, id: string, offset: number, announced?: Announced): Promise<UploadRow> {
    const row = await this.#current(id)
    if (!row) throw uploadNotFound()
    // Check before the first byte is written, because it could overwrite durable bytes of another writer.
    if (row.offset !== offset) throw offsetConflict()
    return (await this.append(row, source, { from: offset, owned: false, announced })).row
  }

  /** As `appendBody`, for a row that the caller has opened under its lock. */
  async append(
    row: UploadRow,
    bytes: AsyncIterable<Uint8Array>,
    { owned = true, ...body }: Omit<Body, 'bytes' | 'owned'> & { owned?: boolean },
  ): Promise<Appended> {
    this.#cache.forget(row.id)
    const appended = await appendBody(this.#appendDeps, row, { ...body, bytes, owned })
    // The cached row may lack a newer promise.
    if (this.#deps.locks.holdOf(row.id)?.promisedOffset === undefined) this.#cache.keep(appended.row)
    return appended
  }

  /**
   * Reads an upload's row, and finishes the upload if all its bytes are durable. The caller holds its lock.
   * @throws ApiError 404, also for an upload that was removed; 410 if it has expired, or if acknowledged bytes are missing.
   */
  async open(id: string): Promise<UploadRow> {
    return this.#requireLive(await this.#current(id))
  }

  /** Like `open`, for a request that continues at an offset, which may be a promised offset. */
  async openAt(id: string, offset: number): Promise<UploadRow> {
    const row = await this.open(id)
    if (accepts(row, offset)) return row
    this.#cache.forget(id)
    return this.open(id)
  }

  /**
   * Reads an upload's row for a response that contains the offset, and promises the offset. Finishes the upload if all its bytes are durable,
   * unless a request writes to it. @throws the errors of `open`.
   */
  async promiseOffset(id: string): Promise<UploadRow> {
    const { db, locks } = this.#deps
    let row = await promiseOffset(db, id, locks)
    this.#cache.forget(id)
    if (row && row.offset === row.length && !row.finished_at) {
      await this.reconcile(id)
      row = await this.peek(id)
    } else if (row) await requireBytes(this.#deps, row)
    return this.#requireLive(row && (await keepWithParts(db, row)))
  }

  /**
   * Like `promiseOffset`, for a request without the upload's lock. If the response said that all bytes are here, the client would expect the video,
   * so this waits while another request or process makes it, for at most `FINISH_WAIT_MS`.
   */
  async promiseSettledOffset(id: string): Promise<UploadRow> {
    for (const end = performance.now() + FINISH_WAIT_MS; ; await sleep(FINISH_POLL_MS)) {
      const row = await this.promiseOffset(id)
      const isFinishing = row.offset === row.length && !row.finished_at && row.concat !== 'final'
      if (!isFinishing || performance.now() >= end) return row
    }
  }

  /** Reads an upload's row without any effect. */
  async peek(id: string): Promise<UploadRow | undefined> {
    return findUpload(this.#deps.db, id)
  }

  async #current(id: string): Promise<UploadRow | undefined> {
    const known = this.#cache.get(id)
    const { locks, bytes } = this.#deps
    const generation = locks.holdOf(id)?.generation
    if (
      known &&
      known.generation === (generation ?? known.generation) &&
      (await bytes.size(growingUpload(known))) === known.offset
    )
      return known
    this.#cache.forget(id)
    return reconcile(this.#appendDeps, id)
  }

  /** @param length bytes. @throws ApiError 400 if the upload already has a length, 413 if the length exceeds its limit or the owner's quota. */
  async declareUploadLength(id: string, length: number): Promise<void> {
    const { db, limits } = this.#deps
    await withLength(db, id, length, limits, async trx => {
      if (!(await declareLength(trx, id, length))) throw lengthDeclared()
    })
  }

  get locks(): UploadLocks {
    return this.#deps.locks
  }

  /** The limits for each owner. */
  get limits(): Limits {
    return this.#deps.limits
  }

  /** Reads acknowledged bytes. Destroy the stream if you do not read it to its end. */
  read(row: UploadRow, range: ByteRange): Promise<Readable> {
    return this.#deps.bytes.read(growingUpload(row), range)
  }

  /** Replaces the length and the metadata of an upload that has no bytes. @throws ApiError 413 as `declareUploadLength`. */
  async redeclare(
    { id, metadata: before }: UploadRow,
    length: number | null,
    metadata: UploadMetadata,
  ): Promise<void> {
    const { db, limits } = this.#deps
    this.#cache.forget(id)
    await withLength(db, id, length ?? 0, limits, trx => redeclare(trx, id, { length, before, metadata }))
  }

  /** Sets the metadata of an unfinished upload that has none. */
  async describe(id: string, metadata: UploadMetadata): Promise<void> {
    await setMetadata(this.#deps.db, id, { before: {}, metadata })
  }

  /** Removes an upload's row and bytes. @throws ApiError 400 if it is a video, 404, 423 if another process has taken it over. */
  async remove(id: string): Promise<void> {
    if (await this.removeUnfinished(id)) return
    const row = await this.peek(id)
    if (!row) throw uploadNotFound()
    throw row.finished_at ? uploadFinished() : takenOver()
  }

  /** @param require called first in the transaction. @returns false if the upload is finished or gone. */
  async removeUnfinished(id: string, require?: (trx: Db) => Promise<void>): Promise<boolean> {
    this.#cache.forget(id)
    return removeUpload(this.#deps, id, { require })
  }

  /** Seconds after the last byte after which an unfinished upload may be removed. */
  get expiryS(): number {
    return this.#deps.expiry
  }

  /** Finishes an upload if all its bytes are durable. Does nothing while a request writes to it. */
  async reconcile(id: string): Promise<void> {
    await this.#deps.locks.tryRun(id, () => this.#current(id))
  }

  /** Removes an upload that had expired at `now`, unless a request writes to it. @returns whether it did. */
  async expire(id: string, now: Date): Promise<boolean> {
    const removed = await this.#deps.locks.tryRun(id, () => {
      this.#cache.forget(id)
      return removeUpload(this.#deps, id, { expiredBefore: now })
    })
    return removed ?? false
  }

  #requireLive(row: UploadRow | undefined): UploadRow {
    if (!row) throw uploadNotFound()
    if (!row.finished_at && this.hasExpired(row)) throw uploadExpired()
    return row
  }

  /** Whether an upload has expired. Always false while the clock is not reliable. */
  hasExpired({ expires_at }: UploadRow): boolean {
    const now = Date.now()
    return this.#clock.observe(now) && expires_at.getTime() < now
  }

  /**
   * Makes a video of an upload. The caller holds its lock.
   * @param upload its row, or the row as it will be: `offset` durable bytes are the whole upload. @throws ApiError 409 if its length differs.
   */
  async finish(upload: UploadRow): Promise<void> {
    this.#cache.forget(upload.id)
    await completeUpload(this.#appendDeps, upload)
  }

  /** Makes a video of an object that holds all `length` bytes of an upload. @throws ApiError 409 if its length differs. */
  async finishAs(id: string, length: number, object: CompletedBytes): Promise<void> {
    this.#cache.forget(id)
    await finishAs(this.#appendDeps, id, length, object)
  }
}
