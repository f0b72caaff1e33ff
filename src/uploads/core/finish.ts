import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import { finishVideo } from '../../videos/catalogue/new-video.ts'
import { endRecording } from '../recordings/recording-rows.ts'
import { partIds } from './concatenation.ts'
import { clearParts } from './part-claims.ts'
import { uploadKey } from './upload-rows.ts'

export interface FinishOptions {
  /** The generation of the writer: a writer that was replaced finishes nothing. */
  readonly generation?: number | undefined
  /** Seconds for which a part is kept at least from now on. */
  readonly expiry?: number
  /** Whether parts that it is made of count until their bytes are removed. */
  readonly hasQuota?: boolean
}

/**
 * Turns an upload whose bytes are all durable into a video: offset, finish, video, steps and event in one transaction, so that no
 * answer can claim less or more than what is committed. Finishing again changes nothing.
 * @returns false if the upload is not there, or is not `length` bytes long.
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
  { generation, expiry = 0, hasQuota = false }: FinishOptions = {},
): Promise<boolean> {
  const upload = await trx
    .updateTable('uploads')
    .set({
      offset: length,
      length,
      finished_at: sql<Date>`now()`,
      expires_at: sql<Date>`greatest(expires_at, now() + ${expiry} * interval '1 second')`,
    })
    .where('id', '=', id)
    .where(({ or, eb }) => or([eb('length', '=', length), eb('concat', '=', 'final')]))
    .where('finished_at', 'is', null)
    .$if(generation !== undefined, query => query.where('generation', '=', generation!))
    .returning(['concat', 'parts', 'owner'])
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
  // A part is no video: the upload that it becomes a part of is.
  if (upload.concat === 'partial') return true
  const parts = partIds(upload.parts ?? [])
  if (hasQuota && upload.owner !== null) await clearParts(trx, id, upload.owner, parts)
  else if (parts.length > 0) await letPartsExpire(trx, parts)
  const incomplete = await endRecording(trx, id)
  await finishVideo(trx, id, { size: length, storage_key: uploadKey(id), incomplete })
  return true
}

/** Parts that have been used are kept for a while only, for clients that ask for them once more. */
async function letPartsExpire(trx: Transaction<Schema>, parts: readonly string[]): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + interval '1 hour'`, joined: true })
    .where('id', 'in', parts)
    .where('concat', '=', 'partial')
    .execute()
}
