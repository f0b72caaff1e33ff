import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Db, Schema } from '../../database/schema.ts'
import { type Limits, lockOwner, quotaExceeded, usedBytes } from './allowance.ts'
import { inTurn } from './owner-turns.ts'
import { tooLarge } from './upload-errors.ts'
import type { UploadRow } from './upload-rows.ts'

/** How long a reservation counts after its holder's last sign of life, in seconds. */
const LEASE_S = 120
const RENEWAL_MS = 30_000
/** How far ahead of the bytes room is reserved, if nobody says how many are to come. */
const STEP_BYTES = 1024 * 1024
/**
 * With less room than this, bodies of unknown length are taken one after the other: side by side, several of which one fits would use up
 * the room before any of them is complete.
 */
const PLENTY_BYTES = 256 * 1024 * 1024
/** How long such a body waits for the one before it, and how often it looks, in milliseconds. */
const PATIENCE_MS = 5000
const RETRY_MS = 100

/** How many bytes a body brings: exactly, or between two limits because there is something else in it. */
export interface Announced {
  readonly least: number
  readonly most: number
}

/** @param bytes of a body; undefined if its request does not tell. */
export function exactly(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: bytes, most: bytes }
}

/** @param bytes of a body that has other things in it; undefined if its request does not tell. */
export function atMost(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: 0, most: bytes }
}

/** Room for bytes that are being received. */
export interface Room {
  /**
   * Call it before bytes are kept. @param size that the upload, or the chunk, has with them.
   * @returns undefined if there is room already. @throws ApiError 413 if there is none.
   */
  require(size: number): Promise<void> | undefined
  /** What was reserved and not used is free again. */
  release(): Promise<void>
  /** The same within a transaction that enters what has come. */
  settle(trx: Db): Promise<void>
}

export interface RoomParts {
  readonly db: Kysely<Schema>
  readonly limits: Limits
}

/**
 * Room for an upload to grow in. If its length is declared, that was counted at the declaration; else every byte is reserved before it is
 * read, so that of several requests that fit one by one, and not together, one succeeds.
 * @param from the offset of the body's first byte.
 */
export function uploadRoom(parts: RoomParts, row: UploadRow, from: number, announced?: Announced): Room {
  const { id, owner, length, max_size } = row
  const own = max_size ?? Number.POSITIVE_INFINITY
  const { quota } = parts.limits
  if (owner === null || quota === undefined || length !== null) return new OwnRoom(own)
  const expected = announced && { least: from + announced.least, most: from + announced.most }
  return new ReservedRoom(parts.db, { owner, quota, own, uploadId: id, announced: expected })
}

/** Room for a chunk of a recording. @param taken bytes that the recording has already. */
export function chunkRoom(parts: RoomParts, row: UploadRow, taken: number, announced?: Announced): Room {
  const { owner, length, max_size } = row
  const own = max_size === null ? Number.POSITIVE_INFINITY : max_size - taken
  const { quota } = parts.limits
  if (owner === null || quota === undefined || length !== null) return new OwnRoom(own, max_size ?? own)
  return new ReservedRoom(parts.db, { owner, quota, own, uploadId: null, announced })
}

class OwnRoom implements Room {
  readonly #most: number
  readonly #told: number

  constructor(most: number, told = most) {
    this.#most = most
    this.#told = told
  }

  require(size: number): undefined {
    if (size > this.#most) throw tooLarge(this.#told)
  }

  async release(): Promise<void> {}

  async settle(): Promise<void> {}
}

interface Reserving {
  readonly owner: string
  readonly quota: number
  /** Bytes that it may have besides the quota. */
  readonly own: number
  /** Null for a chunk, whose bytes are added to others. */
  readonly uploadId: string | null
  readonly announced: Announced | undefined
}

/** Reserves room in the database, for all processes to see. A reservation whose holder has died ends by itself. */
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

  /** @returns the bytes that are reserved; undefined if it is to wait for another body. @throws ApiError 413 */
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
    // If the database is away, the lease ends. It may have been settled in a transaction that was rolled back.
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

/** Removes reservations whose holders have died. */
export async function forgetReservations(db: Db): Promise<void> {
  await db.deleteFrom('reservations').where('held_until', '<', sql<Date>`now()`).execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE_S} * interval '1 second'`
}
