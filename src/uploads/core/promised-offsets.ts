import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { Hold, UploadLocks } from '../locks/upload-locks.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/** If there are more promises, the oldest one ends: since then many other offsets were requested. */
const MAX_PROMISES = 256

/**
 * Reads an upload's row and promises its offset: a request that continues there is accepted, whatever a writer does meanwhile, and also after
 * a crash. "the offset sent by the server MUST be accepted in a subsequent request"
 * (draft-ietf-httpbis-resumable-upload-12, Offset Retrieval). A finished upload needs no promise, and a final one accepts no bytes.
 */
export async function promiseOffset(
  db: Db,
  id: string,
  locks?: Pick<UploadLocks, 'holder' | 'holdOf' | 'notePromise'>,
): Promise<UploadRow | undefined> {
  for (;;) {
    const hold = locks?.holdOf(id)
    const row = (await addPromise(db, id, locks, hold)) ?? (await findUpload(db, id))
    // A writer may have started or moved the offset between the two statements.
    const isPromised = !row || row.finished_at || row.concat === 'final' || row.promised.at(-1) === row.offset
    if (!isPromised || locks?.holdOf(id) !== hold) continue
    if (row && hold) hold.promisedOffset = row.offset
    if (row) await locks?.notePromise(row)
    return row
  }
}

/** @returns undefined if the offset is already promised or needs no promise. */
async function addPromise(
  db: Db,
  id: string,
  locks: Pick<UploadLocks, 'holder'> | undefined,
  hold: Hold | undefined,
): Promise<UploadRow | undefined> {
  // Promises from before the start of a writer end when the writer succeeds. So promise the offset again, unless that happened after the
  // start of the writer. For a writer in another process, this process does not know that.
  const again = hold
    ? sql`or "offset" is distinct from ${hold.promisedOffset ?? null}::bigint`
    : locks?.holder
      ? sql`or left(lock_holder::text, -1) <> left(${locks.holder}::text, -1)`
      : sql``
  const { rows } = await sql<UploadRow>`
    update uploads set promised =
      case when jsonb_array_length(promised) < ${MAX_PROMISES} then promised else promised - 0 end || to_jsonb("offset")
    where id = ${id} and finished_at is null and concat is distinct from 'final'
      and (promised -> -1 is distinct from to_jsonb("offset") ${again})
    returning *`.execute(db)
  return rows[0]
}

/** Whether a request may continue from an offset. */
export function accepts({ offset, promised }: UploadRow, from: number): boolean {
  return from === offset || promised.includes(from)
}

/**
 * Ends the promises that were made before a writer began, because it has succeeded. If the oldest are others by now, it ends none: the list
 * was full.
 * @param oldest these promises. @param added an offset to promise in their place.
 */
export async function endPromises(
  db: Db,
  id: string,
  oldest: readonly number[],
  added?: number,
): Promise<void> {
  await sql`
    update uploads set promised = case
      when ${JSON.stringify(oldest)}::jsonb = (
        select coalesce(jsonb_agg(told order by n), '[]') from jsonb_array_elements(promised) with ordinality as list (told, n)
        where n <= ${oldest.length}::bigint
      ) then (
        select coalesce(jsonb_agg(told order by n), '[]') from jsonb_array_elements(promised) with ordinality as list (told, n)
        where n > ${oldest.length}::bigint
      ) else promised end || ${JSON.stringify(added === undefined ? [] : [added])}::jsonb
    where id = ${id}`.execute(db)
}

/**
 * Moves an upload's offset back, unless bytes were written, an offset was promised or the generation changed since the row was read. Bytes after the offset do
 * not count, so a crash before they are overwritten does no harm.
 * @returns whether it did.
 */
export async function rewindOffset(db: Db, row: UploadRow, to: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('uploads')
    .set({ offset: to })
    .where('id', '=', row.id)
    .where('offset', '=', row.offset)
    .where('generation', '=', row.generation)
    .where('promised', '=', sql<number[]>`${JSON.stringify(row.promised)}::jsonb`)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
