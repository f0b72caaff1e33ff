import { type Selectable, sql } from 'kysely'
import type { Db } from '../../database/schema.ts'
import type { RecordingPiecesTable, RecordingsTable } from '../../database/tables/recordings.ts'

export type RecordingRow = Selectable<RecordingsTable>
export type ChunkRow = Selectable<RecordingPiecesTable>

export async function insertRecording(db: Db, id: string): Promise<void> {
  await db.insertInto('recordings').values({ id }).execute()
}

export async function findRecording(db: Db, id: string): Promise<RecordingRow | undefined> {
  return db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Locks the recording, its chunks and its upload until the transaction ends. Every transaction locks the upload's row first. */
export async function lockRecording(trx: Db, id: string): Promise<void> {
  await trx.selectFrom('uploads').select('id').where('id', '=', id).forUpdate().execute()
}

export async function findChunk(db: Db, id: string, number: number): Promise<ChunkRow | undefined> {
  return db
    .selectFrom('recording_pieces')
    .selectAll()
    .where('recording_id', '=', id)
    .where('number', '=', number)
    .executeTakeFirst()
}

/** The chunks that are not yet joined to the upload, by number. */
export async function waitingChunks(db: Db, { id, next }: RecordingRow): Promise<ChunkRow[]> {
  return db
    .selectFrom('recording_pieces')
    .selectAll()
    .where('recording_id', '=', id)
    .where('number', '>=', next)
    .orderBy('number')
    .execute()
}

export async function insertChunk(db: Db, chunk: Omit<ChunkRow, 'created_at'>): Promise<void> {
  await db.insertInto('recording_pieces').values(chunk).execute()
}

/** Marks all chunks below `next` as part of the upload. */
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

/** Closes a recording: it accepts no more chunks and becomes a video. */
export async function closeRecording(db: Db, id: string, incomplete: boolean): Promise<void> {
  await db
    .updateTable('recordings')
    .set({ closed_at: sql<Date>`now()`, incomplete })
    .where('id', '=', id)
    .execute()
}

/** Postpones the expiry of an upload. @param expiry seconds from now. */
export async function prolong(db: Db, id: string, expiry: number): Promise<void> {
  await db
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + ${expiry} * interval '1 second'` })
    .where('id', '=', id)
    .execute()
}

/** Sets the length of a closed recording's upload to the bytes that it has. */
export async function settleLength(db: Db, id: string, length: number): Promise<void> {
  await db
    .updateTable('uploads')
    .set({ length })
    .where('id', '=', id)
    .where('offset', '=', length)
    .where('finished_at', 'is', null)
    .execute()
}

/** The first `limit` numbers of chunks that a closed recording does not have. */
export async function missingForGood(db: Db, { id, next }: RecordingRow, limit: number): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select series.number from generate_series(0, ${next}::integer - 1) as series (number)
    where not exists (
      select from recording_pieces where recording_id = ${id} and recording_pieces.number = series.number
    )
    order by series.number limit ${limit}`.execute(db)
  return rows.map(row => row.number)
}

/** Recordings that are closed or have expired, and are not ended. @param now absent if none is to expire. */
export async function dueRecordings(db: Db, now: Date | undefined): Promise<string[]> {
  const closed = db
    .selectFrom('recordings')
    .select('id')
    .where('closed_at', 'is not', null)
    .where(sql<boolean>`not is_ended`)
  const expired = db
    .selectFrom('uploads')
    .innerJoin('recordings', 'recordings.id', 'uploads.id')
    .select('recordings.id')
    .where('finished_at', 'is', null)
    .where('expires_at', '<', now ?? sql<Date>`null`)
  // One statement for each, because a common one would read all unfinished uploads.
  const rows = [...(await closed.execute()), ...(now ? await expired.execute() : [])]
  return [...new Set(rows.map(row => row.id))]
}
