import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { type Limits, lockOwner, quotaExceeded, usedBytes } from './allowance.ts'
import { partIds } from './concatenation.ts'
import { findUpload, findUploads, objectKeyOf, type UploadRow } from './upload-rows.ts'

/**
 * Counts a final upload in its owner's quota instead of its parts, when all parts are complete and before their bytes are copied. A part
 * still counts if another final upload waits for it. A second call changes nothing.
 * @param trx the transaction that creates the final upload, or a later one. @throws ApiError 413 if the upload exceeds the quota.
 */
export async function claimParts(trx: Db, id: string, { quota }: Limits): Promise<void> {
  const final = quota === undefined ? undefined : await findUpload(trx, id)
  if (!final?.owner || final.length !== null) return
  const { owner } = final
  const parts = partIds(final.parts ?? [])
  await lockOwner(trx, owner)
  const rows = await findUploads(trx, parts)
  const complete = new Set(rows.filter(row => row.finished_at).map(row => row.id))
  if (!parts.every(part => complete.has(part))) return
  const needed = await neededByWaiting(trx, id, owner, parts)
  const replaced = rows.filter(row => !row.joined && !needed.has(row.id))
  const total = totalOf(parts, rows)
  const used = await usedBytes(trx, owner, { upload: id })
  if (used + total - totalOf([...new Set(parts)], replaced) > quota!)
    throw await quotaExceeded(trx, owner, quota!)
  const ids = replaced.map(row => row.id)
  if (ids.length > 0) await trx.updateTable('uploads').set({ joined: true }).where('id', 'in', ids).execute()
  await trx.updateTable('uploads').set({ length: total }).where('id', '=', id).execute()
}

/**
 * Removes the bytes of a final upload's parts, unless another final upload needs them. The rows stay for an hour, because clients may still
 * request the parts' offsets. Call it in the transaction that finishes the upload.
 */
export async function clearParts(
  trx: Db,
  id: string,
  owner: string,
  parts: readonly string[],
): Promise<void> {
  if (parts.length === 0) return
  const needed = await neededElsewhere(trx, id, owner)
  // Another final upload needs their bytes, so these parts count in the quota again.
  const wanted = parts.filter(part => needed.has(part))
  if (wanted.length > 0) await uncleared(trx, wanted).set({ joined: false }).execute()
  const cleared = await uncleared(trx, parts)
    .set({ joined: true, cleared: true, expires_at: sql<Date>`now() + interval '1 hour'` })
    .$if(wanted.length > 0, query => query.where('id', 'not in', wanted))
    .returning(['id', 'object_key'])
    .execute()
  if (cleared.length > 0) await noteRemoval(trx, ...cleared.map(objectKeyOf))
}

function uncleared(trx: Db, parts: readonly string[]) {
  return trx
    .updateTable('uploads')
    .where('id', 'in', parts)
    .where('concat', '=', 'partial')
    .where('cleared', '=', false)
}

/** Parts of the owner's other unfinished final uploads. */
async function neededElsewhere(db: Db, id: string, owner: string): Promise<Set<string>> {
  return new Set((await otherFinals(db, id, owner)).flat())
}

/** Parts of the owner's other final uploads whose parts are not all complete. */
async function neededByWaiting(
  db: Db,
  id: string,
  owner: string,
  parts: readonly string[],
): Promise<Set<string>> {
  const sharing = (await otherFinals(db, id, owner)).filter(ids => ids.some(part => parts.includes(part)))
  if (sharing.length === 0) return new Set()
  const rows = await findUploads(db, sharing.flat())
  const complete = new Set(rows.filter(row => row.finished_at).map(row => row.id))
  return new Set(sharing.filter(ids => !ids.every(part => complete.has(part))).flat())
}

/** The parts of each of the owner's other unfinished final uploads. */
async function otherFinals(db: Db, id: string, owner: string): Promise<string[][]> {
  const finals = await db
    .selectFrom('uploads')
    .select('parts')
    .where('owner', '=', owner)
    .where('concat', '=', 'final')
    .where('finished_at', 'is', null)
    .where('id', '<>', id)
    .execute()
  return finals.map(({ parts }) => partIds(parts ?? []))
}

/** Bytes of all parts together. A part that is named twice counts twice; a part of unknown length counts with its present bytes. */
export function totalOf(parts: readonly string[], rows: readonly UploadRow[]): number {
  const sizes = new Map(rows.map(row => [row.id, row.length ?? row.offset]))
  return parts.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0)
}
