import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'

/** A row of `uploads` as this process has acquired it. */
export interface Acquired {
  readonly generation: number
  /** Whether the process before has not released it: it may still be writing. */
  readonly takeover: boolean
}

/** Acquires an upload that no other process holds. @returns undefined if one does, or if there is no such upload. */
export async function acquireFree(db: Db, id: string, holder: string): Promise<Acquired | undefined> {
  const { rows } = await sql<{ generation: number }>`
    update uploads
    set lock_holder = ${holder}::uuid, generation = generation + (lock_holder is distinct from ${holder}::uuid)::int
    where id = ${id} and (lock_holder is null or lock_holder = ${holder}::uuid)
    returning generation`.execute(db)
  return rows[0] && { ...rows[0], takeover: false }
}

/** Takes an upload over from `from`, or acquires it if that process has released it. @returns undefined if a third one holds it. */
export async function takeOver(
  db: Db,
  id: string,
  holder: string,
  from: string,
): Promise<Acquired | undefined> {
  const { rows } = await sql<Acquired>`
    with before as (
      select id, lock_holder from uploads
      where id = ${id} and (lock_holder is null or lock_holder = ${from}::uuid)
      for update
    )
    update uploads set lock_holder = ${holder}::uuid, generation = generation + 1
    from before where uploads.id = before.id
    returning uploads.generation, before.lock_holder is not null as takeover`.execute(db)
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
