import { type Selectable, sql } from 'kysely'
import type { Db, RecordingPiecesTable, RecordingsTable } from '../../database/schema.ts'

export type RecordingRow = Selectable<RecordingsTable>
export type PieceRow = Selectable<RecordingPiecesTable>

export async function insertRecording(db: Db, id: string): Promise<void> {
  await db.insertInto('recordings').values({ id }).execute()
}

export async function findRecording(db: Db, id: string): Promise<RecordingRow | undefined> {
  return db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Nobody else changes the recording, its pieces or its upload until the transaction ends. The upload's row is the one that all lock first. */
export async function lockRecording(trx: Db, id: string): Promise<void> {
  await trx.selectFrom('uploads').select('id').where('id', '=', id).forUpdate().execute()
}

export async function findPiece(db: Db, id: string, number: number): Promise<PieceRow | undefined> {
  return db
    .selectFrom('recording_pieces')
    .selectAll()
    .where('recording_id', '=', id)
    .where('number', '=', number)
    .executeTakeFirst()
}

/** Pieces that are not joined to the upload, in their order. */
export async function waitingPieces(db: Db, { id, next }: RecordingRow): Promise<PieceRow[]> {
  return db
    .selectFrom('recording_pieces')
    .selectAll()
    .where('recording_id', '=', id)
    .where('number', '>=', next)
    .orderBy('number')
    .execute()
}

export async function insertPiece(db: Db, piece: Omit<PieceRow, 'created_at'>): Promise<void> {
  await db.insertInto('recording_pieces').values(piece).execute()
}

/** Notes that all pieces below `next` are part of the upload. */
export async function markJoined(db: Db, id: string, next: number): Promise<void> {
  await db.updateTable('recordings').set({ next }).where('id', '=', id).execute()
  await db
    .updateTable('recording_pieces')
    .set({ storage_key: null })
    .where('recording_id', '=', id)
    .where('number', '<', next)
    .where('storage_key', 'is not', null)
    .execute()
}

/** From here on the recording takes no more pieces, and is to become a video. */
export async function closeRecording(db: Db, id: string, incomplete: boolean): Promise<void> {
  await db
    .updateTable('recordings')
    .set({ closed_at: sql<Date>`now()`, incomplete })
    .where('id', '=', id)
    .execute()
}

/** @param expiry seconds from now on until an upload that nobody feeds may be removed. */
export async function prolong(db: Db, id: string, expiry: number): Promise<void> {
  await db
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + ${expiry} * interval '1 second'` })
    .where('id', '=', id)
    .execute()
}

/** Makes the length of a closed recording's upload what has come of it. */
export async function settleLength(db: Db, id: string, length: number): Promise<void> {
  await db
    .updateTable('uploads')
    .set({ length })
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .execute()
}

/** What a recording's pieces lack, up to `limit` numbers: for one that is over. */
export async function missingForGood(db: Db, { id, next }: RecordingRow, limit: number): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select series.number from generate_series(0, ${next}::integer - 1) as series (number)
    where not exists (
      select from recording_pieces where recording_id = ${id} and recording_pieces.number = series.number
    )
    order by series.number limit ${limit}`.execute(db)
  return rows.map(row => row.number)
}

/** Recordings that are closed, or fed to their declared end, or expired, and no video yet. */
export async function dueRecordings(db: Db, now: Date | undefined): Promise<string[]> {
  const rows = await db
    .selectFrom('recordings')
    .innerJoin('uploads', 'uploads.id', 'recordings.id')
    .select('recordings.id')
    .where('uploads.finished_at', 'is', null)
    .where(({ or, eb }) =>
      or([eb('recordings.closed_at', 'is not', null), ...(now ? [eb('uploads.expires_at', '<', now)] : [])]),
    )
    .execute()
  return rows.map(row => row.id)
}
