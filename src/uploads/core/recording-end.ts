import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { noteRemoval } from '../../objects/removals.ts'

/** Prefix of the storage keys of a recording's chunks that are not yet part of its upload. */
export function chunksPrefix(id: string): string {
  return `recordings/${id}/`
}

/** Closes a recording and schedules the removal of its chunks. Call it in the transaction that finishes its upload. */
export async function endRecording(trx: Db, id: string): Promise<void> {
  await trx
    .updateTable('recordings')
    .set({ closed_at: sql<Date>`coalesce(closed_at, now())`, is_ended: true })
    .where('id', '=', id)
    .execute()
  await noteRemoval(trx, chunksPrefix(id))
}
