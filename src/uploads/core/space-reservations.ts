import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Db, Schema } from '../../database/schema.ts'
import { type Limits, lockOwner, quotaExceeded, usedBytes } from './allowance.ts'
import { inTurn } from './owner-turns.ts'
import { tooLarge } from './upload-errors.ts'
import type { UploadRow } from './upload-rows.ts'

/** A reservation is valid for this long after its last renewal. */
const LEASE_S = 120
const RENEWAL_MS = 30_000
/** A body of unknown length reserves this many bytes at a time. */
const STEP_BYTES = 1024 * 1024
/**
 * If an owner has less space left than this, bodies of unknown length are received one after another. In parallel, they could use up the
 * quota before any of them is complete, although one alone would fit.
 */
const PARALLEL_MIN_BYTES = 256 * 1024 * 1024
/** Such a body waits at most this long for the body before it. */
const MAX_WAIT_MS = 5000
const RETRY_INTERVAL_MS = 100

/** Size of a body in bytes. `least` and `most` differ if the request contains other data too. */
export interface Announced {
  readonly least: number
  readonly most: number
}

/** @param bytes size of a body; undefined if the request does not declare it. */
export function exactly(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: bytes, most: bytes }
}

/** @param bytes size of a request that contains the body and other data; undefined if the request does not declare it. */
export function atMost(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: 0, most: bytes }
}

/** Room for bytes that are being received. */
export interface SpaceReservation {
  /**
   * Call it before bytes are stored. @param size of the upload or chunk in bytes, including these bytes.
   * @returns undefined if the space is already reserved. @throws ApiError 413 if the size exceeds the limit or the quota.
   */
  require(size: number): Promise<void> | undefined
  /** Ends the reservation. */
  release(): Promise<void>
  /** Ends the reservation in the transaction that inserts the row of the received bytes, which count from then on. */
  settle(trx: Db): Promise<void>
}

export interface ReservationDeps {
  readonly db: Kysely<Schema>
  readonly limits: Limits
}

/**
 * Reserves space for the bytes of an upload. An upload with a length already counts with it. Without a length, every byte is reserved before
 * it is read: if several requests fit alone but not together, one of them succeeds.
 * @param from the offset of the body's first byte.
 */
export function reserveForUpload(
  deps: ReservationDeps,
  row: UploadRow,
  from: number,
  announced?: Announced,
): SpaceReservation {
  const { id, owner, length, max_size } = row
  const own = max_size ?? Number.POSITIVE_INFINITY
  const { quota } = deps.limits
  if (owner === null || quota === undefined || length !== null) return new SizeLimitOnly(own)
  const expected = announced && { least: from + announced.least, most: from + announced.most }
  return new QuotaReservation(deps.db, { owner, quota, own, uploadId: id, announced: expected })
}

/** Reserves space for a chunk of a recording. @param taken bytes that the recording already has. */
export function reserveForChunk(
  deps: ReservationDeps,
  row: UploadRow,
  taken: number,
  announced?: Announced,
): SpaceReservation {
  const { owner, length, max_size } = row
  const own = max_size === null ? Number.POSITIVE_INFINITY : max_size - taken
  const { quota } = deps.limits
  if (owner === null || quota === undefined || length !== null) return new SizeLimitOnly(own, max_size ?? own)
  return new QuotaReservation(deps.db, { owner, quota, own, uploadId: null, announced })
}

/** Used if the owner has no quota, or if the whole length already counts in it. */
class SizeLimitOnly implements SpaceReservation {
  readonly #most: number
  readonly #shown: number

  constructor(most: number, shown = most) {
    this.#most = most
    this.#shown = shown
  }

  require(size: number): undefined {
    if (size > this.#most) throw tooLarge(this.#shown)
  }

  async release(): Promise<void> {}

  async settle(): Promise<void> {}
}

interface Reserving {
  readonly owner: string
  readonly quota: number
  /** Size limit of the upload or chunk in bytes. */
  readonly own: number
  /** Null for a chunk, which counts in addition to its recording. */
  readonly uploadId: string | null
  readonly announced: Announced | undefined
}

/** Reserves space in the owner's quota. The database holds the reservation, so that all processes see it; if its process dies, it expires. */
class QuotaReservation implements SpaceReservation {
  readonly #db: Kysely<Schema>
  readonly #of: Reserving
  readonly #id = uuid()
  #granted = 0
  #renewal: NodeJS.Timeout | undefined

  constructor(db: Kysely<Schema>, of: Reserving) {
    this.#db = db
    this.#of = of
  }

  require(size: number): Promise<void> | undefined {
    if (size > this.#of.own) throw tooLarge(this.#of.own)
    return size > this.#granted || this.#renewal === undefined ? this.#reserve(size) : undefined
  }

  async #reserve(size: number): Promise<void> {
    const deadline = performance.now() + MAX_WAIT_MS
    let granted: number | undefined
    for (;;) {
      const mayWait = this.#renewal === undefined && performance.now() < deadline
      granted = await inTurn(this.#db, this.#of.owner, trx => this.#grant(trx, size, mayWait))
      if (granted !== undefined) break
      await pause(RETRY_INTERVAL_MS)
    }
    this.#granted = granted
    this.#renewal ??= setInterval(() => void this.#renew().catch(() => {}), RENEWAL_MS)
  }

  /** @returns the reserved bytes; undefined if the body must wait for another body. @throws ApiError 413 */
  async #grant(trx: Db, size: number, mayWait: boolean): Promise<number | undefined> {
    const { owner, quota, uploadId, announced } = this.#of
    await lockOwner(trx, owner)
    const left =
      quota - (await usedBytes(trx, owner, uploadId ? { upload: uploadId } : { reservation: this.#id }))
    const least = Math.max(size, this.#renewal ? 0 : (announced?.least ?? 0))
    const is_open = announced === undefined
    if (is_open && mayWait && left < PARALLEL_MIN_BYTES && (await hasOpen(trx, owner, this.#id)))
      return undefined
    if (least > left) throw await quotaExceeded(trx, owner, quota)
    const bytes = Math.min(left, Math.max(least, announced?.most ?? least + STEP_BYTES))
    const held_until = leaseEnd()
    await trx
      .insertInto('reservations')
      .values({ id: this.#id, owner, upload_id: uploadId, bytes, is_open, held_until })
      .onConflict(conflict => conflict.column('id').doUpdateSet({ bytes, held_until }))
      .execute()
    return bytes
  }

  async #renew(): Promise<void> {
    await this.#db
      .updateTable('reservations')
      .set({ held_until: leaseEnd() })
      .where('id', '=', this.#id)
      .execute()
  }

  async release(): Promise<void> {
    if (this.#renewal === undefined) return
    clearInterval(this.#renewal)
    this.#renewal = undefined
    this.#granted = 0
    // Delete it even after `settle`, whose transaction may have been rolled back. If the database fails, the reservation expires.
    await this.settle(this.#db).catch(() => {})
  }

  async settle(trx: Db): Promise<void> {
    await trx.deleteFrom('reservations').where('id', '=', this.#id).execute()
  }
}

/** Whether another body of unknown length is being received for this owner. */
async function hasOpen(trx: Db, owner: string, id: string): Promise<boolean> {
  const other = await trx
    .selectFrom('reservations')
    .select('id')
    .where('owner', '=', owner)
    .where('is_open', '=', true)
    .where('held_until', '>', sql<Date>`now()`)
    .where('id', '<>', id)
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

/** Removes expired reservations, which processes left when they died. */
export async function deleteExpiredReservations(db: Db): Promise<void> {
  await db.deleteFrom('reservations').where('held_until', '<', sql<Date>`now()`).execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE_S} * interval '1 second'`
}
