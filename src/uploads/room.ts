import { type Kysely, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Db, Schema } from '../database/schema.ts'
import { type Limits, lockOwner, quotaExceeded, usedBytes } from './allowance.ts'
import { tooLarge } from './upload-errors.ts'
import type { UploadRow } from './upload-rows.ts'

/** How long a reservation counts after its holder's last sign of life, in seconds. */
const LEASE_S = 120
const RENEWAL_MS = 30_000
/** How far ahead of the bytes room is reserved, if nobody says how many are to come. */
const STEP_BYTES = 1024 * 1024

/** How many bytes a body brings: exactly, or between two limits because there is something else in it. */
export interface Announced {
  readonly least: number
  readonly most: number
}

/** @param bytes of a body; undefined if its request does not tell. */
export function exactly(bytes: number | undefined): Announced | undefined {
  return bytes === undefined ? undefined : { least: bytes, most: bytes }
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
    const { owner, quota, uploadId, announced } = this.#of
    const least = Math.max(size, this.#renewal ? 0 : (announced?.least ?? 0))
    const most = Math.max(least, Math.min(announced?.most ?? Number.POSITIVE_INFINITY, least + STEP_BYTES))
    const except = uploadId ? { upload: uploadId } : { reservation: this.#id }
    this.#granted = await this.#db.transaction().execute(async trx => {
      await lockOwner(trx, owner)
      const left = quota - (await usedBytes(trx, owner, except))
      if (least > left) throw quotaExceeded(quota)
      const bytes = Math.min(most, left)
      const row = { id: this.#id, owner, upload_id: uploadId, bytes, held_until: leaseEnd() }
      await trx
        .insertInto('reservations')
        .values(row)
        .onConflict(conflict => conflict.column('id').doUpdateSet({ bytes, held_until: leaseEnd() }))
        .execute()
      return bytes
    })
    this.#renewal ??= setInterval(() => void this.#renew().catch(() => {}), RENEWAL_MS)
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

/** Removes reservations whose holders have died. */
export async function forgetReservations(db: Db): Promise<void> {
  await db.deleteFrom('reservations').where('held_until', '<', sql<Date>`now()`).execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE_S} * interval '1 second'`
}
