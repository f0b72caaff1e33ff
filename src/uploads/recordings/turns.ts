import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { ApiError, notFound } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'

/** A turn ends this long after its process has last renewed it, because the process is dead or frozen. */
const LEASE_S = 10
const RENEWAL_MS = 3000
/** Pause between two checks whether the earlier turns have ended. Turns of this process end a pause at once. */
const CHECK_MS = 50

/** The turn of a request that sends a chunk. */
export interface Turn {
  /** The id of the recording. */
  readonly id: string
  /** Resolves when all earlier requests for the recording have ended, in all processes. */
  come(): Promise<void>
  /**
   * Call it in the transaction that adds the chunk. @throws ApiError 503 if later requests no longer wait for this one, because its process was
   * frozen.
   */
  require(trx: Db): Promise<void>
  /** Lets the next request run. */
  end(): Promise<void>
}

/**
 * Orders the requests of each recording by their arrival, in all processes. A client that sends chunks without numbers relies on this order,
 * although the bodies of its requests can end in any order, and at different processes.
 */
export class Turns {
  readonly #db: Db
  /** By key: resolves when the last request of this process has its turn. */
  readonly #taking = new Map<string, Promise<void>>()
  readonly #held = new Set<number>()
  #renewal: NodeJS.Timeout | undefined
  #ended = Promise.withResolvers<void>()

  constructor(db: Db) {
    this.#db = db
  }

  /**
   * Takes the last turn of a recording. Requests of this process with the same key take theirs in the order of these calls.
   * @param find returns the id of the recording. @throws the errors of `find`; ApiError 404 if there is no such recording. `end` must be called.
   */
  take(key: string, find: () => Promise<string>): Promise<Turn> {
    const before = this.#taking.get(key) ?? Promise.resolve()
    const turn = before.then(find).then(id => this.#insert(id))
    const taken = turn.then(
      () => {},
      () => {},
    )
    this.#taking.set(key, taken)
    void taken.then(() => {
      if (this.#taking.get(key) === taken) this.#taking.delete(key)
    })
    return turn
  }

  async #insert(id: string): Promise<Turn> {
    // The row of the upload is locked first, so that turns become visible in the order of their numbers.
    const { rows } = await sql<{ number: number }>`
      with recording as (select id from uploads where id = ${id} for update)
      insert into recording_turns (recording_id, held_until) select id, ${leaseEnd()} from recording
      returning number`.execute(this.#db)
    const number = rows[0]?.number
    if (number === undefined) throw notFound('The recording')
    this.#held.add(number)
    this.#renewal ??= setInterval(() => void this.#renew().catch(() => {}), RENEWAL_MS).unref()
    return {
      id,
      come: () => this.#come(id, number),
      require: trx => requireTurn(trx, number),
      end: () => this.#end(number),
    }
  }

  async #come(id: string, number: number): Promise<void> {
    while (await hasEarlier(this.#db, id, number)) await Promise.race([pause(CHECK_MS), this.#ended.promise])
  }

  async #end(number: number): Promise<void> {
    this.#held.delete(number)
    if (this.#held.size === 0) {
      clearInterval(this.#renewal)
      this.#renewal = undefined
    }
    // If this fails, the next request waits until the turn is no longer renewed.
    await this.#db
      .deleteFrom('recording_turns')
      .where('number', '=', number)
      .execute()
      .catch(() => {})
    this.#ended.resolve()
    this.#ended = Promise.withResolvers()
  }

  async #renew(): Promise<void> {
    await this.#db
      .updateTable('recording_turns')
      .set({ held_until: leaseEnd() })
      .where('number', 'in', [...this.#held])
      .execute()
  }
}

/** Deletes turns that are no longer renewed. Their requests add no chunk any more. @returns whether an earlier request is still running. */
async function hasEarlier(db: Db, id: string, number: number): Promise<boolean> {
  const { rows } = await sql<{ has_earlier: boolean }>`
    with ended as (
      delete from recording_turns where recording_id = ${id} and number < ${number} and held_until < now()
    )
    select exists (
      select from recording_turns where recording_id = ${id} and number < ${number} and held_until >= now()
    ) as has_earlier`.execute(db)
  return rows[0]!.has_earlier
}

async function requireTurn(trx: Db, number: number): Promise<void> {
  const row = await trx
    .selectFrom('recording_turns')
    .select('number')
    .where('number', '=', number)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw new ApiError(503, 'unavailable', 'The server stopped for too long. Send the chunk again.')
}

/** Deletes turns of processes that died. */
export async function deleteEndedTurns(db: Db): Promise<void> {
  await db.deleteFrom('recording_turns').where('held_until', '<', sql<Date>`now()`).execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE_S} * interval '1 second'`
}
