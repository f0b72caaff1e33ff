import { type Kysely, sql, type Transaction } from 'kysely'
import { prepared } from '../../database/prepared.ts'
import type { Schema } from '../../database/schema.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { finishVideo } from '../../videos/catalogue/new-video.ts'
import type { CompletedBytes } from '../bytes/upload-bytes.ts'
import { partIds } from './concatenation.ts'
import { makeUndue, makeWaitingDue } from './due-concatenations.ts'
import { clearParts } from './part-claims.ts'
import { endRecording } from './recording-end.ts'
import { objectKeyOf, type UploadRow } from './upload-rows.ts'

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
  const values = { id, length, storage_key, generation: generation ?? null, expiry }
  const [upload] = await markFinished(trx, values)
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

interface FinishValues {
  readonly id: string
  readonly length: number
  readonly storage_key: string
  /** Null if the upload may have any generation. */
  readonly generation: number | null
  readonly expiry: number
}

interface FinishedRow extends Pick<UploadRow, 'concat' | 'parts' | 'owner'> {
  /** Null if the upload is not a recording. */
  readonly incomplete: boolean | null
}

const markFinished = prepared<FinishValues, FinishedRow>('finish-upload', (db, value) =>
  db
    .updateTable('uploads')
    .set({
      offset: value('length'),
      length: value('length'),
      finished_at: sql<Date>`now()`,
      object_key: value('storage_key'),
      storage_state: null,
      expires_at: sql<Date>`greatest(expires_at, now() + ${value('expiry')} * interval '1 second')`,
    })
    .where('id', '=', value('id'))
    .where(({ or, eb }) => or([eb('length', '=', value('length')), eb('concat', '=', 'final')]))
    .where('finished_at', 'is', null)
    .where('generation', '=', sql<number>`coalesce(${value('generation')}, generation)`)
    .returning(['concat', 'parts', 'owner'])
    .returning(({ selectFrom }) =>
      selectFrom('recordings')
        .select('incomplete')
        .whereRef('recordings.id', '=', 'uploads.id')
        .as('incomplete'),
    ),
)

/** Keeps parts for an hour after they were concatenated, because their client may still request their offset. */
async function letPartsExpire(trx: Transaction<Schema>, parts: readonly string[]): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + interval '1 hour'`, joined: true })
    .where('id', 'in', parts)
    .where('concat', '=', 'partial')
    .execute()
}
