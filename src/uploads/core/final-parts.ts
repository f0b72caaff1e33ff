import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import { partIds } from './concatenation.ts'
import { findUploads, type UploadRow } from './upload-rows.ts'

/** How long a final upload that can never be finished still says why, in seconds. */
const REMEMBERED_S = 3600

/**
 * Keeps a final upload and its parts for as long as one of them is kept: while a part is fed, none of the others expires.
 * @param final where it is no final upload, or finished, nothing is done. @returns its row then. @throws ApiError 410 if a part is gone, because it will never come.
 */
export async function keepWithParts(db: Db, final: UploadRow): Promise<UploadRow> {
  if (final.concat !== 'final' || final.finished_at) return final
  const ids = partIds(final.parts ?? [])
  const parts = await findUploads(db, ids)
  if (parts.length < new Set(ids).size) {
    await db
      .updateTable('uploads')
      .set({ expires_at: sql<Date>`least(expires_at, now() + ${REMEMBERED_S} * interval '1 second')` })
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
