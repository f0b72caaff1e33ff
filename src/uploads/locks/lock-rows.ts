import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { processOf, unsettledOf } from './holder-ids.ts'

/** A row of `uploads` after an attempt to acquire it. */
export interface RowLease {
  /** The id of the previous holder; null if there was none. */
  readonly before: string | null
  /** The row's generation before. */
  readonly generation_before: number
  /** The row's generation if it was acquired; null if another process holds it. */
  readonly generation: number | null
  /** The id of this process that is now in the row; null if the row was not acquired. */
  readonly holder: string | null
}

/** Allows a process to take an upload from another process. */
export interface Takeover {
  /** The id of the present holder. */
  readonly from: string
  /** The id of this process to write into the row. */
  readonly as: string
}

/**
 * Acquires an upload if no other process holds it, or if its holder is `takeover.from`. Increases the generation, unless this process already
 * holds the upload; then the row keeps the id that it has.
 * @param holder either id of this process. @returns undefined if the upload does not exist.
 */
export async function acquireRow(
  db: Db,
  id: string,
  holder: string,
  takeover?: Takeover,
): Promise<RowLease | undefined> {
  const own = ownIds(holder)
  const { from = null, as = null } = takeover ?? {}
  const { rows } = await sql<RowLease>`
    with before as (
      select id, lock_holder, generation as generation_before, coalesce(lock_holder in ${own}, false) as is_own from uploads where id = ${id} for update
    ), acquired as (
      update uploads
      set generation = uploads.generation + (not is_own)::int,
        lock_holder = case when is_own then before.lock_holder when before.lock_holder is null then ${processOf(holder)}::uuid else ${as}::uuid end
      from before
      where uploads.id = before.id and (before.lock_holder is null or is_own or before.lock_holder = ${from}::uuid)
      returning uploads.generation, uploads.lock_holder as holder
    )
    select lock_holder as before, generation_before, generation, holder from before left join acquired on true`.execute(
    db,
  )
  return rows[0]
}

/** Releases uploads whose holder is one of these ids. */
export async function releaseRows(db: Db, ids: readonly string[], holders: readonly string[]): Promise<void> {
  await sql`
    update uploads set lock_holder = null
    where id = any(${ids}::uuid[]) and lock_holder = any(${holders}::uuid[])`.execute(db)
}

function ownIds(holder: string) {
  return sql`(${processOf(holder)}::uuid, ${unsettledOf(holder)}::uuid)`
}

export async function generationOf(db: Db, id: string): Promise<number | undefined> {
  const row = await db.selectFrom('uploads').select('generation').where('id', '=', id).executeTakeFirst()
  return row?.generation
}

/** The id of an upload's holder; undefined if there is none or if the upload does not exist. */
export async function holderOf(db: Db, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('uploads').select('lock_holder').where('id', '=', id).executeTakeFirst()
  return row?.lock_holder ?? undefined
}
