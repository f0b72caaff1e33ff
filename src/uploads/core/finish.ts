import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { finishVideo } from '../../videos/catalogue/new-video.ts'
import type { CompletedBytes } from '../bytes/upload-bytes.ts'
import { partIds } from './concatenation.ts'
import { makeUndue, makeWaitingDue } from './due-concatenations.ts'
import { clearParts } from './part-claims.ts'
import { endRecording } from './recording-end.ts'
import { objectKeyOf } from './upload-rows.ts'

export interface FinishOptions {
  /** The generation of the writer: a writer that was replaced cannot finish the upload. */
  readonly generation?: number | undefined
  /** The object with all bytes; by default the object that is named after the upload's id. */
  readonly object?: CompletedBytes
  /** A part is kept for at least this many seconds from now. */
  readonly expiry?: number
  /** Whether the owner has a quota. If so, the bytes of the parts are removed at once. */
  readonly hasQuota?: boolean
}

/**
 * Makes a video of an upload whose bytes are all durable: updates the upload and the video and creates steps and event in one transaction.
 * A second call changes nothing.
 * @param length bytes. @returns false if the upload does not exist or has another length.
 */
export async function finishUpload(
  db: Kysely<Schema>,
  id: string,
  length: number,
  options: FinishOptions = {},
): Promise<boolean> {
  return db.transaction().execute(trx => finishIn(trx, id, length, options))
}

/** Like `finishUpload`, as part of the caller's transaction. */
export async function finishIn(
  trx: Transaction<Schema>,
  id: string,
  length: number,
  { object, generation, expiry = 0, hasQuota = false }: FinishOptions = {},
): Promise<boolean> {
  const storage_key = object?.key ?? objectKeyOf({ id, object_key: null })
  const upload = await trx
    .updateTable('uploads')
    .set({
      offset: length,
      length,
      finished_at: sql<Date>`now()`,
      object_key: storage_key,
      storage_state: null,
      expires_at: sql<Date>`greatest(expires_at, now() + ${expiry} * interval '1 second')`,
    })
    .where('id', '=', id)
    .where(({ or, eb }) => or([eb('length', '=', length), eb('concat', '=', 'final')]))
    .where('finished_at', 'is', null)
    .$if(generation !== undefined, query => query.where('generation', '=', generation!))
    .returning(['concat', 'parts', 'owner'])
    // Null if the upload is not a recording.
    .returning(({ selectFrom }) =>
      selectFrom('recordings')
        .select('incomplete')
        .whereRef('recordings.id', '=', 'uploads.id')
        .as('incomplete'),
    )
    .executeTakeFirst()
  if (!upload) {
    const finished = await trx
      .selectFrom('uploads')
      .select('id')
      .where('id', '=', id)
      .where('length', '=', length)
      .where('finished_at', 'is not', null)
      .executeTakeFirst()
    return finished !== undefined
  }
  if (object && object.leftovers.length > 0) await noteRemoval(trx, ...object.leftovers)
  // A part is not a video: the final upload is.
  if (upload.concat === 'partial') {
    await makeWaitingDue(trx, id)
    return true
  }
  if (upload.concat === 'final') await makeUndue(trx, id)
  const parts = partIds(upload.parts ?? [])
  if (hasQuota && upload.owner !== null) await clearParts(trx, id, upload.owner, parts)
  else if (parts.length > 0) await letPartsExpire(trx, parts)
  if (upload.incomplete !== null) await endRecording(trx, id)
  await finishVideo(trx, id, { size: length, storage_key, incomplete: upload.incomplete ?? false })
  return true
}

/** Keeps parts for an hour after they were concatenated, because their client may still request their offset. */
async function letPartsExpire(trx: Transaction<Schema>, parts: readonly string[]): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + interval '1 hour'`, joined: true })
    .where('id', 'in', parts)
    .where('concat', '=', 'partial')
    .execute()
}
