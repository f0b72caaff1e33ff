import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'

/** A row of `uploads` after an attempt to acquire it. */
export interface RowLease {
  /** The process that held it before; null if none did. */
  readonly before: string | null
  /** Its generation if it is acquired now; null if another process holds it. */
  readonly generation: number | null
}

/**
 * Acquires an upload that no other process holds, or that the process `from` holds. The generation increases unless `holder` has it already.
 * @returns undefined if there is no such upload.
 */
export async function acquireRow(
  db: Db,
  id: string,
  holder: string,
  from: string | null = null,
): Promise<RowLease | undefined> {
  const { rows } = await sql<RowLease>`
    with before as (
      select id, lock_holder from uploads where id = ${id} for update
    ), acquired as (
      update uploads
      set lock_holder = ${holder}::uuid, generation = generation + (before.lock_holder is distinct from ${holder}::uuid)::int
      from before
      where uploads.id = before.id
        and (before.lock_holder is null or before.lock_holder in (${holder}::uuid, ${from}::uuid))
      returning generation
    )
    select lock_holder as before, generation from before left join acquired on true`.execute(db)
  return rows[0]
}

/** Releases uploads that a process holds. */
export async function releaseRows(db: Db, ids: readonly string[], holder: string): Promise<void> {
  await sql`
    update uploads set lock_holder = null
    where id = any(${ids}::uuid[]) and lock_holder = ${holder}::uuid`.execute(db)
}

export async function generationOf(db: Db, id: string): Promise<number | undefined> {
  const row = await db.selectFrom('uploads').select('generation').where('id', '=', id).executeTakeFirst()
  return row?.generation
}

/** The process that holds an upload. @returns undefined if none does, or if there is no such upload. */
export async function holderOf(db: Db, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('uploads').select('lock_holder').where('id', '=', id).executeTakeFirst()
  return row?.lock_holder ?? undefined
}
