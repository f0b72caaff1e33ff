import { type Selectable, sql } from 'kysely'
import { prepared } from '../../database/prepared.ts'
import type { Db } from '../../database/schema.ts'
import type { UploadsTable } from '../../database/tables/uploads.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { deleteUploading, relabeled } from '../../videos/catalogue/new-video.ts'
import type { UploadBytes } from '../bytes/upload-bytes.ts'
import { makeUndue, makeWaitingDue } from './due-concatenations.ts'
import type { UploadMetadata } from './metadata.ts'
import { chunksPrefix } from './recording-end.ts'

export type UploadRow = Selectable<UploadsTable>

export type UploadProtocol = 'tus' | 'ietf'

/** The protocol that created an upload. Later requests for the upload use it too. */
export function protocolOf({ draft }: UploadRow): UploadProtocol {
  return draft ? 'ietf' : 'tus'
}

/** Key of a finished upload's object. Rows of earlier versions do not contain it. */
export function objectKeyOf({ id, object_key }: Pick<UploadRow, 'id' | 'object_key'>): string {
  return object_key ?? `uploads/${id}`
}

export async function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Sets the length of an upload that has none. @returns false if it already has a length, has more bytes, or is gone. */
export async function declareLength(db: Db, id: string, length: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('uploads')
    .set({ length })
    .where('id', '=', id)
    .where('length', 'is', null)
    .where('offset', '<=', length)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export interface NewMetadata {
  /** The present metadata. */
  readonly before: UploadMetadata
  readonly metadata: UploadMetadata
}

/** Replaces the metadata of an unfinished upload and the labels of its video, except labels that a person has edited since. */
export async function setMetadata(db: Db, id: string, { before, metadata }: NewMetadata): Promise<void> {
  await db
    .with('changed', db =>
      db
        .updateTable('uploads')
        .set({ metadata: JSON.stringify(metadata) })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .returning('id'),
    )
    .updateTable('videos')
    .from('changed')
    .set(relabeled(before, metadata))
    .whereRef('videos.id', '=', 'changed.id')
    .where('status', '=', 'uploading')
    .execute()
}

/** Replaces the length and the metadata of an upload that has no bytes. */
export async function redeclare(
  db: Db,
  id: string,
  { length, ...texts }: NewMetadata & { readonly length: number | null },
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('uploads')
    .set({ length })
    .where('id', '=', id)
    .where('offset', '=', 0)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) await setMetadata(db, id, texts)
}

/** Bytes of an upload that have become durable. */
export interface OffsetMove {
  readonly id: string
  readonly from: number
  readonly to: number
  /** The storage's state, from `UploadBytes`. */
  readonly state: unknown
  /** The generation of the writer. */
  readonly generation: number
}

/**
 * Moves the offsets of several uploads, with storage state and expiry. Skips an upload whose offset is no longer `from` or whose generation
 * has changed. @returns the ids of the uploads whose offset it moved.
 */
export async function advanceOffsets(
  db: Db,
  moves: readonly OffsetMove[],
  expiry: number,
): Promise<string[]> {
  const rows = await moveOffsets(db, {
    ids: moves.map(({ id }) => id),
    from: moves.map(({ from }) => from),
    to: moves.map(({ to }) => to),
    states: moves.map(({ state }) => (state === null ? null : JSON.stringify(state))),
    generations: moves.map(({ generation }) => generation),
    expiry,
  })
  return rows.map(({ id }) => id)
}

interface MoveValues {
  readonly ids: readonly string[]
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly states: readonly (string | null)[]
  readonly generations: readonly number[]
  /** Seconds. */
  readonly expiry: number
}

const moveOffsets = prepared<MoveValues, { id: string }>(
  'move-offsets',
  (_db, value) => sql<{ id: string }>`
    update uploads set "offset" = move."to", storage_state = move.state::jsonb, expires_at = ${fromNow(value('expiry'))}
    from unnest(
      ${value('ids')}::uuid[], ${value('from')}::bigint[], ${value('to')}::bigint[], ${value('states')}::text[],
      ${value('generations')}::bigint[]
    ) as move(id, "from", "to", state, generation)
    where uploads.id = move.id and uploads."offset" = move."from" and uploads.generation = move.generation and uploads.finished_at is null
    returning uploads.id`,
)

/** Uploads whose bytes are all durable but which are not finished, because a process died in between. */
export async function completeUploads(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('uploads')
    .select('id')
    .where('finished_at', 'is', null)
    .where('concat', 'is distinct from', 'final')
    .whereRef('offset', '=', 'length')
    .execute()
  return rows.map(row => row.id)
}

/** The rows of the uploads that exist. */
export async function findUploads(db: Db, ids: readonly string[]): Promise<UploadRow[]> {
  return db.selectFrom('uploads').selectAll().where('id', 'in', ids).execute()
}

/** An owner's final upload with the same parts and metadata. If it exists, the client is repeating its creation. */
export async function findSameFinal(
  db: Db,
  owner: string | null,
  parts: readonly string[],
  metadata: Record<string, string | null>,
): Promise<UploadRow | undefined> {
  return db
    .selectFrom('uploads')
    .selectAll()
    .where('concat', '=', 'final')
    .where('owner', 'is not distinct from', owner)
    .where('parts', '=', sql<string[]>`${JSON.stringify(parts)}::jsonb`)
    .where('metadata', '=', sql<Record<string, string | null>>`${JSON.stringify(metadata)}::jsonb`)
    .executeTakeFirst()
}

/** Uploads to remove. Recordings are excluded, because an abandoned recording becomes a video. */
export async function expiredUploads(db: Db, before: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('uploads')
    .select('id')
    .where(({ or, eb }) => or([eb('finished_at', 'is', null), eb('concat', '=', 'partial')]))
    .where('expires_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('recordings').select('id').whereRef('recordings.id', '=', 'uploads.id'))),
    )
    .execute()
  return rows.map(row => row.id)
}

/** The parts of a deleted final upload count in the quota again. */
async function unclaimParts(trx: Db, { owner, parts }: Pick<UploadRow, 'owner' | 'parts'>): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ joined: false })
    .where('owner', 'is not distinct from', owner)
    .where('concat', '=', 'partial')
    .where('joined', '=', true)
    .where('cleared', '=', false)
    .where(sql<boolean>`position(id::text in ${JSON.stringify(parts ?? [])}) > 0`)
    .execute()
}

export interface DeleteUploadOptions {
  readonly expiredBefore?: Date
  /** The generation of the writer that deletes it. */
  readonly generation?: number | undefined
  readonly require?: ((trx: Db) => Promise<void>) | undefined
}

/**
 * Deletes the row and the video of an unfinished or partial upload, and schedules the removal of its bytes. Emits no event.
 * @param options.expiredBefore delete the upload only if it had expired at this time.
 * @param options.require called first in the transaction; it may throw.
 * @returns the storage state; undefined if the upload is finished, gone or not yet expired, or has another generation.
 */
export async function deleteUpload(
  db: Db,
  bytes: Pick<UploadBytes, 'keys'>,
  id: string,
  { expiredBefore, generation, require }: DeleteUploadOptions = {},
): Promise<Pick<UploadRow, 'storage_state'> | undefined> {
  return db.transaction().execute(async trx => {
    await require?.(trx)
    const deleted = await trx
      .deleteFrom('uploads')
      .where('id', '=', id)
      .where(({ or, eb }) => or([eb('finished_at', 'is', null), eb('concat', '=', 'partial')]))
      .$if(generation !== undefined, query => query.where('generation', '=', generation!))
      .$if(expiredBefore !== undefined, query => query.where('expires_at', '<', expiredBefore!))
      .returning(['concat', 'owner', 'parts', 'storage_state'])
      .executeTakeFirst()
    if (!deleted) return undefined
    await deleteUploading(trx, id)
    if (deleted.concat === 'final') {
      await unclaimParts(trx, deleted)
      await makeUndue(trx, id)
    } else if (deleted.concat === 'partial') await makeWaitingDue(trx, id)
    await noteRemoval(trx, ...bytes.keys(id), chunksPrefix(id))
    return deleted
  })
}

function fromNow(seconds: number) {
  return sql<Date>`now() + ${seconds} * interval '1 second'`
}
