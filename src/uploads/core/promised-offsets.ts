import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { Hold } from '../locks/upload-locks.ts'
import type { UploadRow } from './upload-rows.ts'

/** When there are more, the oldest promise ends: its client has been silent while many others asked. */
const MAX_PROMISES = 256

/**
 * Reads an upload's row and promises its offset in the same statement: a request that continues there is accepted, whatever a writer does
 * meanwhile, and after a crash too. "the offset sent by the server MUST be accepted in a subsequent request"
 * (draft-ietf-httpbis-resumable-upload-12, Offset Retrieval). A finished upload needs no promise, and a final one accepts no bytes.
 * @param hold the present writer, if there is one.
 */
export async function promiseOffset(db: Db, id: string, hold?: Hold): Promise<UploadRow | undefined> {
  // Promises from before the writer began end when it succeeds. So promise the same offset again unless it was promised since.
  const again = hold ? sql`or "offset" is distinct from ${hold.told ?? null}::bigint` : sql``
  const { rows } = await sql<UploadRow>`
    update uploads set promised =
      case when jsonb_array_length(promised) < ${MAX_PROMISES} then promised else promised - 0 end || to_jsonb("offset")
    where id = ${id} and finished_at is null and concat is distinct from 'final'
      and (promised -> -1 is distinct from to_jsonb("offset") ${again})
    returning *`.execute(db)
  const row = rows[0] ?? (await db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst())
  if (row && hold) hold.told = row.offset
  return row
}

/** Whether a request may continue from an offset. */
export function accepts({ offset, promised }: UploadRow, from: number): boolean {
  return from === offset || promised.includes(from)
}

/**
 * Ends the promises that were made before a writer began, because it has succeeded.
 * @param oldest the number of these promises. @param added an offset to promise in their place.
 */
export async function endPromises(db: Db, id: string, oldest: number, added?: number): Promise<void> {
  await sql`
    update uploads set promised = coalesce((
      select jsonb_agg(told order by n) from jsonb_array_elements(promised) with ordinality as list (told, n)
      where n > ${oldest}::bigint
    ), '[]') || ${JSON.stringify(added === undefined ? [] : [added])}::jsonb
    where id = ${id}`.execute(db)
}

/**
 * Moves an upload's offset back, unless bytes were written or an offset was promised since the row was read. Bytes after the offset do
 * not count, so a crash before they are overwritten does no harm.
 * @returns whether it did.
 */
export async function rewindOffset(db: Db, row: UploadRow, to: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('uploads')
    .set({ offset: to })
    .where('id', '=', row.id)
    .where('offset', '=', row.offset)
    .where('promised', '=', sql<number[]>`${JSON.stringify(row.promised)}::jsonb`)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
