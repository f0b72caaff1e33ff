import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { partIds } from './concatenation.ts'
import { makeDue, makeUndue, waitingFor } from './due-concatenations.ts'
import { findUpload, findUploads, type UploadRow } from './upload-rows.ts'

/** A final upload whose parts are gone is kept for this long, so that its client can read the error. */
const FAILED_FINAL_S = 3600

/**
 * Makes a final upload and its parts expire together: while a client sends one part, the other parts stay. Does nothing if the upload is
 * finished or not a final upload. @returns the updated row. @throws ApiError 410 if a part is gone: then the upload can never be finished.
 */
export async function keepWithParts(db: Db, final: UploadRow): Promise<UploadRow> {
  if (final.concat !== 'final' || final.finished_at) return final
  const ids = partIds(final.parts ?? [])
  const parts = await findUploads(db, ids)
  if (parts.length < new Set(ids).size) {
    await db
      .updateTable('uploads')
      .set({ expires_at: sql<Date>`least(expires_at, now() + ${FAILED_FINAL_S} * interval '1 second')` })
      .where('id', '=', final.id)
      .execute()
    await makeUndue(db, final.id)
    throw new ApiError(
      410,
      'part_deleted',
      'A part of this final upload was deleted or has expired. Upload the parts again and create a new final upload.',
    )
  }
  const expires_at = new Date(Math.max(...[final, ...parts].map(row => row.expires_at.getTime())))
  // A row that is locked now is moved by the next call. To wait for it while other rows are locked could be a deadlock with the statement that
  // advances the offsets of several parts, which locks them in another order.
  await db
    .with('free', db =>
      db
        .selectFrom('uploads')
        .select('id')
        .where('id', 'in', [final.id, ...ids])
        .where('expires_at', '<', expires_at)
        .forNoKeyUpdate()
        .skipLocked(),
    )
    .updateTable('uploads')
    .from('free')
    .set({ expires_at })
    .whereRef('uploads.id', '=', 'free.id')
    .execute()
  return { ...final, expires_at }
}

/**
 * Makes final uploads and their parts expire together, if one of them expires before `time`. Call it before expired uploads are removed, and some
 * time ahead, because a request to an expired upload is rejected.
 */
export async function keepTogether(db: Db, time: Date): Promise<void> {
  const expiring = await db
    .selectFrom('uploads')
    .select(['id', 'concat'])
    .where(({ or, eb }) => or([eb('finished_at', 'is', null), eb('concat', '=', 'partial')]))
    .where('concat', 'is not', null)
    .where('expires_at', '<', time)
    .execute()
  const idsOf = (concat: 'partial' | 'final') =>
    expiring.filter(row => row.concat === concat).map(row => row.id)
  // The last chance: it may wait although its parts are complete, if a process of an earlier version finished them.
  for (const id of idsOf('final')) await makeDue(db, id)
  const parts = idsOf('partial')
  const finals = parts.length > 0 ? await waitingFor(db, parts) : []
  for (const id of new Set([...idsOf('final'), ...finals])) {
    const final = await findUpload(db, id)
    if (final) await keepWithParts(db, final).catch(ignorePartDeleted)
  }
}

/** The client of the final upload gets this error. @throws every other error. */
export function ignorePartDeleted(error: unknown): void {
  if (!(error instanceof ApiError && error.code === 'part_deleted')) throw error
}
