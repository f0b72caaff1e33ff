import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { processOf, unsettledOf } from './holder-ids.ts'

/** A row of `uploads` after an attempt to acquire it. */
export interface RowLease {
  /** The id that held it before; null if none did. */
  readonly before: string | null
  /** Its generation if it is acquired now; null if another process holds it. */
  readonly generation: number | null
  /** The id of this process that holds it now, if it is acquired. */
  readonly holder: string | null
}

/** The right to take an upload from another process. */
export interface Takeover {
  /** The id that holds it. */
  readonly from: string
  /** The id of this process that holds it then. */
  readonly as: string
}

/**
 * Acquires an upload that no other process holds, or that a process holds from which it may be taken. The generation increases unless this
 * process has it already, which then keeps its id.
 * @param holder either id of this process. @returns undefined if there is no such upload.
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
      select id, lock_holder, coalesce(lock_holder in ${own}, false) as is_own from uploads where id = ${id} for update
    ), acquired as (
      update uploads
      set generation = generation + (not is_own)::int,
        lock_holder = case when is_own then before.lock_holder when before.lock_holder is null then ${processOf(holder)}::uuid else ${as}::uuid end
      from before
      where uploads.id = before.id and (before.lock_holder is null or is_own or before.lock_holder = ${from}::uuid)
      returning generation, uploads.lock_holder as holder
    )
    select lock_holder as before, generation, holder from before left join acquired on true`.execute(db)
  return rows[0]
}

/** Releases uploads that are held under one of these ids. */
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

/** The id that holds an upload. @returns undefined if none does, or if there is no such upload. */
export async function holderOf(db: Db, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('uploads').select('lock_holder').where('id', '=', id).executeTakeFirst()
  return row?.lock_holder ?? undefined
}
