import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { partIds } from './concatenation.ts'
import { findUploads, type UploadRow } from './upload-rows.ts'

/** How long a final upload that can never be finished is kept, so that clients can learn why. */
const FAILED_FINAL_S = 3600

/**
 * Makes a final upload and its parts expire together: while a client sends one part, the others stay. Does nothing for other uploads, and
 * for finished ones. @returns the row afterwards. @throws ApiError 410 if a part is gone, because the upload can never be finished.
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
      'A part of this final upload was deleted or has expired, so that it can never be finished: begin again.',
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
