import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { finishVideo } from '../../videos/catalogue/new-video.ts'
import type { CompletedBytes } from '../bytes/upload-bytes.ts'
import { partIds } from './concatenation.ts'
import { clearParts } from './part-claims.ts'
import { endRecording } from './recording-end.ts'
import { objectKeyOf } from './upload-rows.ts'

export interface FinishOptions {
  /** The generation of the writer: a writer that was replaced finishes nothing. */
  readonly generation?: number | undefined
  /** The object with all bytes; by default the one that is named by the upload's id. */
  readonly object?: CompletedBytes
  /** Seconds for which a part is kept from now on, at least. */
  readonly expiry?: number
  /** Whether the parts of a final upload count in a quota until their bytes are removed. */
  readonly hasQuota?: boolean
}

/**
 * Makes a video of an upload whose bytes are all durable: upload, video, steps and event in one transaction, so that a response never
 * claims less or more than what is committed. Finishing again changes nothing.
 * @returns false if there is no such upload, or if its length is not `length` bytes.
 */
export async function finishUpload(
  db: Kysely<Schema>,
  id: string,
  length: number,
  options: FinishOptions = {},
): Promise<boolean> {
  return db.transaction().execute(trx => finishIn(trx, id, length, options))
}

/** As `finishUpload`, within a transaction that does more. */
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
    // Null if it is not a recording.
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
  if (upload.concat === 'partial') return true
  const parts = partIds(upload.parts ?? [])
  if (hasQuota && upload.owner !== null) await clearParts(trx, id, upload.owner, parts)
  else if (parts.length > 0) await letPartsExpire(trx, parts)
  if (upload.incomplete !== null) await endRecording(trx, id)
  await finishVideo(trx, id, { size: length, storage_key, incomplete: upload.incomplete ?? false })
  return true
}

/** Parts that were used are kept for an hour, for clients that ask for them once more. */
async function letPartsExpire(trx: Transaction<Schema>, parts: readonly string[]): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + interval '1 hour'`, joined: true })
    .where('id', 'in', parts)
    .where('concat', '=', 'partial')
    .execute()
}
