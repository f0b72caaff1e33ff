import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { partIds } from './concatenation.ts'
import { findUploads, type UploadRow } from './upload-rows.ts'

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
    throw new ApiError(
      410,
      'part_deleted',
      'A part of this final upload was deleted or has expired. Upload the parts again and create a new final upload.',
    )
  }
  const expires_at = new Date(Math.max(...[final, ...parts].map(row => row.expires_at.getTime())))
  await db
    .updateTable('uploads')
    .set({ expires_at })
    .where('id', 'in', [final.id, ...ids])
    .where('expires_at', '<', expires_at)
    .execute()
  return { ...final, expires_at }
}
