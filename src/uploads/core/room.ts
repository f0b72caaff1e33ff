import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Db, Schema } from '../../database/schema.ts'
import { type Limits, lockOwner, quotaExceeded, usedBytes } from './allowance.ts'
import { inTurn } from './owner-turns.ts'
import { tooLarge } from './upload-errors.ts'
import type { UploadRow } from './upload-rows.ts'

/** How long a reservation counts after its last renewal. */
const LEASE_S = 120
const RENEWAL_MS = 30_000
/** How far ahead room is reserved for a body of unknown length. */
const STEP_BYTES = 1024 * 1024
/**
 * With less room than this, bodies of unknown length are received one after the other. Side by side, they could use up the room before any
 * of them is complete, although one alone would fit.
 */
const PLENTY_BYTES = 256 * 1024 * 1024
/** How long such a body waits for the one before it, and how often it tries. */
const PATIENCE_MS = 5000
const RETRY_MS = 100

/** Bytes of a body: `least` and `most` differ if the request contains other things, too. */
export interface Announced {
  readonly least: number
  readonly most: number
}

/** @param bytes of a body; undefined if its request does not tell its length. */
export function exactly(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: bytes, most: bytes }
}

/** @param bytes of a body that contains other things, too; undefined if its request does not tell its length. */
export function atMost(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: 0, most: bytes }
}

/** Room for bytes that are being received. */
export interface Room {
  /**
   * Call it before bytes are stored. @param size of the upload, or of the chunk, with these bytes.
   * @returns undefined if there is room without waiting. @throws ApiError 413 if there is none.
   */
  require(size: number): Promise<void> | undefined
  /** Ends the reservation. */
  release(): Promise<void>
  /** Ends the reservation in the transaction that stores the received bytes' row. */
  settle(trx: Db): Promise<void>
}

export interface RoomDeps {
  readonly db: Kysely<Schema>
  readonly limits: Limits
}

/**
 * Room for an upload to grow. A declared length was counted when it was declared. Without one, every byte is reserved before it is read:
 * of several requests that fit alone but not together, one succeeds.
 * @param from the offset of the body's first byte.
 */
export function uploadRoom(deps: RoomDeps, row: UploadRow, from: number, announced?: Announced): Room {
  const { id, owner, length, max_size } = row
  const own = max_size ?? Number.POSITIVE_INFINITY
  const { quota } = deps.limits
  if (owner === null || quota === undefined || length !== null) return new OwnRoom(own)
  const expected = announced && { least: from + announced.least, most: from + announced.most }
  return new ReservedRoom(deps.db, { owner, quota, own, uploadId: id, announced: expected })
}

/** Room for a chunk of a recording. @param taken present bytes of the recording. */
export function chunkRoom(deps: RoomDeps, row: UploadRow, taken: number, announced?: Announced): Room {
  const { owner, length, max_size } = row
  const own = max_size === null ? Number.POSITIVE_INFINITY : max_size - taken
  const { quota } = deps.limits
  if (owner === null || quota === undefined || length !== null) return new OwnRoom(own, max_size ?? own)
  return new ReservedRoom(deps.db, { owner, quota, own, uploadId: null, announced })
}

class OwnRoom implements Room {
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
  /** Size limit in bytes, apart from the quota. */
  readonly own: number
  /** Null for a chunk: its bytes are added to those of the recording. */
  readonly uploadId: string | null
  readonly announced: Announced | undefined
}

/** Reserves room in the database, visible to all processes. The reservation of a process that died ends by itself. */
class ReservedRoom implements Room {
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
    const deadline = performance.now() + PATIENCE_MS
    let granted: number | undefined
    for (;;) {
      const mayWait = this.#renewal === undefined && performance.now() < deadline
      granted = await inTurn(this.#db, this.#of.owner, trx => this.#grant(trx, size, mayWait))
      if (granted !== undefined) break
      await pause(RETRY_MS)
    }
    this.#granted = granted
    this.#renewal ??= setInterval(() => void this.#renew().catch(() => {}), RENEWAL_MS)
  }

  /** @returns the reserved bytes; undefined if the body has to wait for another one. @throws ApiError 413 */
  async #grant(trx: Db, size: number, mayWait: boolean): Promise<number | undefined> {
    const { owner, quota, uploadId, announced } = this.#of
    await lockOwner(trx, owner)
    const left =
      quota - (await usedBytes(trx, owner, uploadId ? { upload: uploadId } : { reservation: this.#id }))
    const least = Math.max(size, this.#renewal ? 0 : (announced?.least ?? 0))
    const is_open = announced === undefined
    if (is_open && mayWait && left < PLENTY_BYTES && (await hasOpen(trx, owner, this.#id))) return undefined
    if (least > left) throw quotaExceeded(quota)
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
    // Delete it even if it was settled: that transaction may have been rolled back. Without the database, the lease runs out.
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

/** Removes reservations of processes that died. */
export async function forgetReservations(db: Db): Promise<void> {
  await db.deleteFrom('reservations').where('held_until', '<', sql<Date>`now()`).execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE_S} * interval '1 second'`
}
